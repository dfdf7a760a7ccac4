import { describe, expect, test } from "vitest";
import { fuseGates, fuseMatMulBias, fusePad } from "../../src/passes/fuse-patterns.ts";
import type { TensorData } from "../../src/tensor.ts";
import {
  attributesOf,
  expectUntouched,
  input,
  int64,
  inWords,
  type Line,
  rewritten,
  scalar,
  type Values,
  weights,
  wordsOf,
} from "../support/graph-words.ts";

const float64 = ({ dims, data }: TensorData<"float32">): TensorData<"float64"> => ({
  dtype: "float64",
  dims,
  data: Float64Array.from(data),
});

/** Why a pass leaves a graph alone: [reason, values, nodes, outputs]. */
type Kept = [string, Values, readonly Line[], string?];

describe("gates", () => {
  const x = { x: input(3, 4) };
  const HARD: Line = ["g = HardSigmoid(x)", { alpha: Math.fround(1 / 6), beta: 0.5 }];

  test.each<[string, readonly Line[], string]>([
    ["Silu", ["g = Sigmoid(x)", "y = Mul(x, g)"], "y = lanewise:Silu(x)"],
    ["Silu, the gate first", ["g = Sigmoid(x)", "y = Mul(g, x)"], "y = lanewise:Silu(x)"],
    ["HardSwish", [HARD, "y = Mul(x, g)"], "y = HardSwish(x)"],
  ])("become %s", (_, nodes, expected) => {
    expect(wordsOf(rewritten(fuseGates, inWords(x, nodes, "y")))).toEqual([expected]);
  });

  test.each<Kept>([
    ["the gate is read elsewhere", x, ["g = Sigmoid(x)", "y = Mul(x, g)", "z = Neg(g)"], "y, z"],
    ["the gate is an output", x, ["g = Sigmoid(x)", "y = Mul(x, g)"], "y, g"],
    ["the gate is of another value", { ...x, z: input(3, 4) }, ["g = Sigmoid(z)", "y = Mul(x, g)"]],
    ["the gate is a convolution's epilogue already", x, ["g = Sigmoid(x)", "y = relu(Mul(x, g))"]],
    ["the gate is another function", x, ["g = Tanh(x)", "y = Mul(x, g)"]],
    ["the slope is another", x, [["g = HardSigmoid(x)", { alpha: 0.2, beta: 0.5 }], "y = Mul(x, g)"]],
    ["the offset is another", x, [["g = HardSigmoid(x)", { alpha: 1 / 6, beta: 0.4 }], "y = Mul(x, g)"]],
    [
      "the gate is a normalisation with the same numbers",
      { x: input(1, 3, 4, 4) },
      [["g = LRN(x)", { alpha: 1 / 6, beta: 0.5, size: 3 }], "y = Mul(x, g)"],
    ],
    ["they are added", x, ["g = Sigmoid(x)", "y = Add(x, g)"]],
  ])("stay where %s", (_, values, nodes, outputs = "y") => {
    expectUntouched(fuseGates, inWords(values, nodes, outputs));
  });
});

describe("a product and a bias", () => {
  const m = { x: input(3, 4), w: weights(4, 5) };
  const bias = { b: weights(5) };

  test.each<[string, Values, readonly Line[], string]>([
    ["become one", { ...m, ...bias }, ["p = MatMul(x, w)", "y = Add(p, b)"], "y = MatMul(x, w, b#1)"],
    ["in the other order", { ...m, ...bias }, ["p = MatMul(x, w)", "y = Add(b, p)"], "y = MatMul(x, w, b#1)"],
    ["of a row", { ...m, b: weights(1, 5) }, ["p = MatMul(x, w)", "y = Add(p, b)"], "y = MatMul(x, w, b#1)"],
    [
      "of stacks",
      { ...m, ...bias, x: input(2, 3, 4) },
      ["p = MatMul(x, w)", "y = Add(p, b)"],
      "y = MatMul(x, w, b#1)",
    ],
    [
      "with what follows",
      { ...m, ...bias },
      ["p = MatMul(x, w)", "y = relu(Add(p, b))"],
      "y = relu(MatMul(x, w, b#1))",
    ],
  ])("%s", (_, values, nodes, expected) => {
    expect(wordsOf(rewritten(fuseMatMulBias, inWords(values, nodes, "y")))).toEqual([expected]);
  });

  const NODES = ["p = MatMul(x, w)", "y = Add(p, b)"];
  test.each<Kept>([
    ["the product is read elsewhere", { ...m, ...bias }, [...NODES, "z = Neg(p)"], "y, z"],
    ["the product is an output", { ...m, ...bias }, NODES, "y, p"],
    ["the bias is fed", { ...m, b: input(5) }, NODES],
    ["the bias goes with rows", { ...m, x: input(5, 4), b: weights(5, 1) }, NODES],
    ["it is no product", { x: input(3, 5), z: input(3, 5), ...bias }, ["p = Sub(x, z)", "y = Add(p, b)"]],
    ["the bias is a matrix", { ...m, b: weights(3, 5) }, NODES],
    ["the bias is one number", { ...m, b: scalar(2) }, NODES],
    ["the bias adds an axis", { ...m, b: weights(1, 1, 5) }, NODES],
    ["there is one already", { ...m, ...bias, a: weights(5) }, ["p = MatMul(x, w, a)", "y = Add(p, b)"]],
    ["an activation stands between", { ...m, ...bias }, ["p = relu(MatMul(x, w))", "y = Add(p, b)"]],
    ["the product is a vector", { x: input(5, 4), w: weights(4), ...bias }, NODES],
    ["it is subtracted", { ...m, ...bias }, ["p = MatMul(x, w)", "y = Sub(p, b)"]],
    [
      "it computes in float64",
      { x: { dtype: "float64", dims: [3, 4] }, w: float64(m.w), b: float64(bias.b) },
      NODES,
    ],
  ])("stay where %s", (_, values, nodes, outputs = "y") => {
    expectUntouched(fuseMatMulBias, inWords(values, nodes, outputs));
  });
});

describe("Pad in front of a convolution", () => {
  const values = { x: input(1, 3, 6, 5), w: weights(4, 3, 3, 3), p: int64(0, 0, 1, 2, 0, 0, 3, 4) };
  const NODES = ["q = Pad(x, p)", "y = Conv(q, w)"];

  test.each<[string, Line, readonly number[]]>([
    ["becomes its pads", "y = Conv(q, w)", [1, 2, 3, 4]],
    ["is added to its own", ["y = Conv(q, w)", { pads: [1, 0, 0, 1] }], [2, 2, 3, 5]],
    ["stands beside VALID", ["y = Conv(q, w)", { autoPad: "VALID" }], [1, 2, 3, 4]],
  ])("%s", (_, conv, pads) => {
    const graph = rewritten(fusePad, inWords(values, ["q = Pad(x, p)", conv], "y"));
    expect(wordsOf(graph)).toEqual(["q = Pad(x, p)", "y = Conv(x, w)"]);
    expect(attributesOf(graph, "y")).toMatchObject({ pads, autoPad: "NOTSET" });
  });

  test("stays for who else reads it", () => {
    const graph = rewritten(fusePad, inWords(values, [...NODES, "z = Neg(q)"], "y, z"));
    expect(wordsOf(graph)).toEqual(["q = Pad(x, p)", "y = Conv(x, w)", "z = Neg(q)"]);
  });

  test.each<Kept>([
    ["it cuts", { ...values, p: int64(0, 0, -1, 0, 0, 0, 1, 1) }, NODES],
    ["it pads channels", { ...values, w: weights(4, 4, 3, 3), p: int64(0, 1, 1, 1, 0, 0, 1, 1) }, NODES],
    [
      "it pads channels behind",
      { ...values, w: weights(4, 4, 3, 3), p: int64(0, 0, 1, 1, 0, 1, 1, 1) },
      NODES,
    ],
    ["it pads images", { ...values, p: int64(1, 0, 1, 1, 0, 0, 1, 1) }, NODES],
    ["it pads images behind", { ...values, p: int64(0, 0, 1, 1, 1, 0, 1, 1) }, NODES],
    ["it puts another number there", { ...values, v: scalar(2) }, ["q = Pad(x, p, v)", "y = Conv(q, w)"]],
    ["it repeats the edge", values, [["q = Pad(x, p)", { mode: "edge" }], "y = Conv(q, w)"]],
    [
      "the convolution's pads are by its size",
      values,
      ["q = Pad(x, p)", ["y = Conv(q, w)", { autoPad: "SAME_UPPER" }]],
    ],
    ["no convolution reads it", values, ["q = Pad(x, p)", ["y = MaxPool(q)", { kernelShape: [2, 2] }]]],
    [
      "a convolution has it for a weight",
      { ...values, x: input(4, 3, 3, 3), i: input(1, 3, 12, 12) },
      ["q = Pad(x, p)", "y = Conv(i, q)"],
    ],
  ])("stays where %s", (_, given, nodes, outputs = "y") => {
    expectUntouched(fusePad, inWords(given, nodes, outputs));
  });
});
