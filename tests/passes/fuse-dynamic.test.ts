import { describe, expect, test } from "vitest";
import type { DType } from "../../src/dtype.ts";
import type { Fact } from "../../src/graph/graph.ts";
import { fuseQuantized } from "../../src/passes/fuse-quantized.ts";
import type { TensorData } from "../../src/tensor.ts";
import {
  attributesOf,
  expectUntouched,
  input,
  inWords,
  type Line,
  rewritten,
  scalar,
  type Values,
  weights,
  wordsOf,
} from "../support/graph-words.ts";

const fed = (dtype: DType, ...dims: number[]): Fact => ({ dtype, dims });
const int8 = (...dims: number[]): TensorData => ({
  dtype: "int8",
  dims,
  data: Int8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (i % 13) - 6),
});
const TO_FLOAT: Line = ["f = Cast(s)", { to: 1 }];

/** x[2, 3, 5, 5] in 8 bits with a scale that is known at run time only, and a weight for 4 channels. */
const CONV = {
  q: fed("uint8", 2, 3, 5, 5),
  xs: fed("float32"),
  xz: fed("uint8"),
  w: int8(4, 3, 1, 1),
  ws: scalar(0.02),
  wz: int8(),
  b: weights(1, 4, 1, 1),
};
const SUMS = "s = ConvInteger(q, w, xz, wz)";
const SCALED: readonly Line[] = [TO_FLOAT, "k = Mul(xs, ws)", "y = Mul(f, k)"];
const GEMM = { ...CONV, q: fed("uint8", 2, 5, 6), w: int8(6, 4), b: weights(4) };
const PRODUCT = "s = MatMulInteger(q, w, xz, wz)";

/** A clamp is exact in 8 bits; sums are rounded once or twice. */
const dynamic = (values: Values, nodes: readonly Line[]) =>
  rewritten(fuseQuantized, inWords(values, nodes, "y"));

describe("sums of products that are cast and scaled become one node:", () => {
  const K = "k = Mul(xs, ws)";
  test.each<[string, Values, readonly Line[], readonly string[]]>([
    ["of a convolution", CONV, [SUMS, ...SCALED], [K, "y = lanewise:QuantizedConv(q, xs, xz, w, ws, wz, _)"]],
    ["of matrices", GEMM, [PRODUCT, ...SCALED], [K, "y = lanewise:QuantizedGemm(q, xs, xz, w, ws, wz, _)"]],
    [
      "the factor first, and the weight's scale before x's",
      CONV,
      [SUMS, TO_FLOAT, "k = Mul(ws, xs)", "y = Mul(k, f)"],
      ["k = Mul(ws, xs)", "y = lanewise:QuantizedConv(q, xs, xz, w, ws, wz, _)"],
    ],
    [
      "of signals",
      { ...CONV, q: fed("uint8", 2, 3, 7), w: int8(4, 3, 2) },
      [SUMS, ...SCALED],
      [K, "y = lanewise:QuantizedConv(q, xs, xz, w, ws, wz, _)"],
    ],
    [
      "without zero points",
      CONV,
      ["s = ConvInteger(q, w)", ...SCALED],
      [K, "y = lanewise:QuantizedConv(q, xs, _, w, ws, _, _)"],
    ],
    [
      "a scale and a zero point for each column",
      { ...GEMM, ws: weights(4), wz: int8(4) },
      [PRODUCT, ...SCALED],
      [K, "y = lanewise:QuantizedGemm(q, xs, xz, w, ws, wz, _)"],
    ],
    [
      "a bias",
      CONV,
      [SUMS, TO_FLOAT, K, "p = Mul(f, k)", "y = Add(p, b)"],
      [K, "y = lanewise:QuantizedConv(q, xs, xz, w, ws, wz, b/vector)"],
    ],
    [
      "a bias of columns, and a Relu",
      GEMM,
      [PRODUCT, TO_FLOAT, K, "p = Mul(f, k)", "a = Add(b, p)", "y = Relu(a)"],
      [K, "y = relu(lanewise:QuantizedGemm(q, xs, xz, w, ws, wz, b))"],
    ],
    [
      "a Clip without a bias",
      { ...CONV, low: scalar(-1), high: scalar(1) },
      [SUMS, TO_FLOAT, K, "p = Mul(f, k)", "y = Clip(p, low, high)"],
      [K, "y = clip(lanewise:QuantizedConv(q, xs, xz, w, ws, wz, _))"],
    ],
  ])("%s", (_, values, nodes, expected) => {
    expect(wordsOf(dynamic(values, nodes))).toEqual(expected);
  });

  test("a convolution keeps its attributes", () => {
    const values = { ...CONV, w: int8(4, 3, 3, 3) };
    const after = dynamic(values, [[SUMS, { pads: [1, 1, 1, 1], strides: [2, 2] }], ...SCALED]);
    expect(attributesOf(after, "y")).toMatchObject({ pads: [1, 1, 1, 1], strides: [2, 2] });
  });
});

describe("they stay where", () => {
  const conv = [SUMS, ...SCALED];
  const scaledBy = (...nodes: Line[]): readonly Line[] => [SUMS, TO_FLOAT, ...nodes];
  test.each<[string, Values, readonly Line[], string?]>([
    ["the weight is fed", { ...CONV, w: fed("int8", 4, 3, 1, 1) }, conv],
    ["the sums are read elsewhere", CONV, [...conv, ["z = Cast(s)", { to: 11 }]], "y, z"],
    ["the sums are an output", CONV, conv, "y, s"],
    ["the cast is read elsewhere", CONV, [...conv, "z = Neg(f)"], "y, z"],
    ["the cast is an output", CONV, conv, "y, f"],
    ["they are not cast", CONV, [SUMS, "y = Neg(s)"]],
    [
      "they are cast to float64",
      { ...CONV, xs: fed("float64"), ws: { dtype: "float64", dims: [], data: Float64Array.of(0.02) } },
      [SUMS, ["f = Cast(s)", { to: 11 }], "k = Mul(xs, ws)", "y = Mul(f, k)"],
    ],
    ["the image is a volume", { ...CONV, q: fed("uint8", 1, 3, 2, 2, 2), w: int8(4, 3, 1, 1, 1) }, conv],
    ["x is a vector", { ...GEMM, q: fed("uint8", 6) }, [PRODUCT, ...SCALED]],
    ["the weights are a stack", { ...GEMM, w: int8(2, 6, 4) }, [PRODUCT, ...SCALED]],
    [
      "x has a zero point for each row",
      { ...GEMM, q: fed("uint8", 5, 6), xz: fed("uint8", 5) },
      [PRODUCT, ...SCALED],
    ],
    ["the weight's zero point is fed", { ...CONV, wz: fed("int8") }, conv],
    ["they are added to", CONV, scaledBy("k = Mul(xs, ws)", "y = Add(f, k)")],
    ["the factor is one scale", CONV, scaledBy("y = Mul(f, xs)")],
    ["the factor is a sum", CONV, scaledBy("k = Add(xs, ws)", "y = Mul(f, k)")],
    ["the factor is clamped", CONV, scaledBy("k = relu(Mul(xs, ws))", "y = Mul(f, k)")],
    ["what is scaled is clamped already", CONV, scaledBy("k = Mul(xs, ws)", "y = relu(Mul(f, k))")],
    ["both scales are fed", { ...CONV, ws: fed("float32") }, conv],
    [
      "x has a scale for each row",
      { ...GEMM, q: fed("uint8", 5, 6), xs: fed("float32", 5, 1) },
      [PRODUCT, ...SCALED],
    ],
    ["scales go with pixels", { ...CONV, ws: weights(5) }, conv],
    ["scales go with rows", { ...GEMM, ws: weights(5, 1) }, [PRODUCT, ...SCALED]],
  ])("%s", (_, values, nodes, outputs = "y") => {
    expectUntouched(fuseQuantized, inWords(values, nodes, outputs));
  });
});

describe("what is added behind them stays where", () => {
  const K = "k = Mul(xs, ws)";
  const CONVOLVED = [K, "p = lanewise:QuantizedConv(q, xs, xz, w, ws, wz, _)"];
  const MULTIPLIED = [K, "p = lanewise:QuantizedGemm(q, xs, xz, w, ws, wz, _)"];
  const behind = (sums: string, ...nodes: Line[]): readonly Line[] => [
    sums,
    TO_FLOAT,
    K,
    "p = Mul(f, k)",
    ...nodes,
  ];
  const image = { ...CONV, q: fed("uint8", 2, 3, 4, 4) };
  test.each<[string, Values, readonly Line[], readonly string[], string?]>([
    [
      "it is fed",
      { ...CONV, b: input(1, 4, 1, 1) },
      behind(SUMS, "y = Add(p, b)"),
      [...CONVOLVED, "y = Add(p, b)"],
    ],
    [
      "it goes with columns",
      { ...image, b: weights(4) },
      behind(SUMS, "y = Add(p, b)"),
      [...CONVOLVED, "y = Add(p, b)"],
    ],
    [
      "it goes with rows",
      { ...image, b: weights(4, 1) },
      behind(SUMS, "y = Add(p, b)"),
      [...CONVOLVED, "y = Add(p, b)"],
    ],
    [
      "it is one number",
      { ...CONV, b: weights(1, 1, 1) },
      behind(SUMS, "y = Add(p, b)"),
      [...CONVOLVED, "y = Add(p, b)"],
    ],
    [
      "it goes with images",
      { ...CONV, q: fed("uint8", 4, 3, 5, 5), b: weights(4, 1, 1, 1) },
      behind(SUMS, "y = Add(p, b)"),
      [...CONVOLVED, "y = Add(p, b)"],
    ],
    [
      "it differs from image to image",
      { ...CONV, b: weights(2, 4, 1, 1) },
      behind(SUMS, "y = Add(p, b)"),
      [...CONVOLVED, "y = Add(p, b)"],
    ],
    [
      "it is a matrix",
      { ...GEMM, b: weights(5, 4) },
      behind(PRODUCT, "y = Add(p, b)"),
      [...MULTIPLIED, "y = Add(p, b)"],
    ],
    [
      "it adds an axis",
      { ...GEMM, b: weights(1, 1, 1, 4) },
      behind(PRODUCT, "y = Add(p, b)"),
      [...MULTIPLIED, "y = Add(p, b)"],
    ],
    ["it is subtracted", CONV, behind(SUMS, "y = Sub(p, b)"), [...CONVOLVED, "y = Sub(p, b)"]],
    [
      "others read what it is added to",
      CONV,
      behind(SUMS, "y = Add(p, b)", "z = Neg(p)"),
      [...CONVOLVED, "y = Add(p, b)", "z = Neg(p)"],
      "y, z",
    ],
    ["a clamp is in it", CONV, behind(SUMS, "y = relu(Add(p, b))"), [...CONVOLVED, "y = relu(Add(p, b))"]],
  ])("%s", (_, values, nodes, expected, outputs = "y") => {
    expect(wordsOf(rewritten(fuseQuantized, inWords(values, nodes, outputs)))).toEqual(expected);
  });
});
