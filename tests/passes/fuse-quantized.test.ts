import { describe, expect, test } from "vitest";
import type { DType } from "../../src/dtype.ts";
import type { AttributeValue, Fact } from "../../src/graph/graph.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { fuseQuantized } from "../../src/passes/fuse-quantized.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";
import { random } from "../kernels/harness.ts";
import { constantFact, graphOf, type NodeSpec, runCompiled } from "../ops/small-graph.ts";
import {
  expectUntouched,
  input,
  inWords,
  type Line,
  scalar,
  type Values,
  weights,
} from "../support/graph-words.ts";

/** A graph under construction: constants and nodes by name. */
class Builder {
  readonly nodes: NodeSpec[] = [];
  readonly facts: Record<string, Fact> = {};
  readonly next: () => number;
  private count = 0;

  constructor(seed: number) {
    this.next = random(seed);
  }

  input(dims: readonly number[], dtype: DType = "float32"): string {
    this.facts.x = { dtype, dims };
    return "x";
  }

  constant(dtype: DType, dims: readonly number[], low: number, high: number): string {
    const count = elementCount(dims);
    const values = Array.from({ length: count }, () => low + ((this.next() + 1) / 2) * (high - low));
    const data =
      dtype === "float32"
        ? Float32Array.from(values)
        : dtype === "int32"
          ? Int32Array.from(values)
          : dtype === "int8"
            ? Int8Array.from(values)
            : Uint8Array.from(values);
    return this.tensor({ dtype, dims, data } as TensorData);
  }

  tensor(data: TensorData): string {
    const name = `c${this.count++}`;
    this.facts[name] = constantFact(data);
    return name;
  }

  scalar(value: number, dtype: DType = "float32"): string {
    return this.constant(dtype, [], value, value);
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    domain = "",
  ): string {
    const output = `v${this.count++}`;
    this.nodes.push({ op, domain, inputs, outputs: [output], attributes });
    return output;
  }

  /** Quantises and gives `[quantised, dequantised]`. */
  quantize(x: string, scale: number, zero: number, dtype: DType = "int8"): [string, string] {
    const parameters = [this.scalar(scale), this.scalar(zero, dtype)];
    const q = this.node("QuantizeLinear", [x, ...parameters]);
    return [q, this.node("DequantizeLinear", [q, ...parameters])];
  }

  /** Only the dequantised side. */
  qdq(x: string, scale: number, zero: number, dtype: DType = "int8"): string {
    return this.quantize(x, scale, zero, dtype)[1];
  }

  weight(dims: readonly number[], axis: number, perChannel = true, dtype: DType = "int8"): string {
    const count = perChannel ? [dims[axis] as number] : [];
    const [low, high] = dtype === "int8" ? [-127, 127] : [0, 255];
    const zero = dtype === "int8" ? [-3, 3] : [120, 130];
    return this.node(
      "DequantizeLinear",
      [
        this.constant(dtype, dims, low, high),
        this.constant("float32", count, 0.002, 0.01),
        this.constant(dtype, count, zero[0] as number, zero[1] as number),
      ],
      { axis },
    );
  }

  /** Runs the compiled graph against the definition; gives the kernels and the largest difference in steps of `step`. */
  run(output: string, step: number): { kernels: string[]; steps: number } {
    const graph = graphOf(["x"], [output], this.nodes, this.facts);
    const fact = this.facts.x as Fact & { dims: readonly number[] };
    const data = Float32Array.from({ length: elementCount(fact.dims) }, () => this.next() * 3);
    const x: TensorData = { dtype: "float32", dims: fact.dims, data };
    const [want] = interpret(graph, [x]) as TensorData[];
    const { kernels, actual } = runCompiled(graph, new Map([["x", x]]));
    expect(actual?.dtype).toBe(want?.dtype);
    expect(actual?.dims).toEqual(want?.dims);
    const [a, b] = [actual?.data as Float32Array, want?.data as Float32Array];
    let steps = 0;
    for (let i = 0; i < b.length; i++)
      steps = Math.max(steps, Math.abs((a[i] as number) - (b[i] as number)) / step);
    // A comparison of constants would prove nothing.
    expect(new Set(b).size).toBeGreaterThan(4);
    return { kernels, steps };
  }
}

/** Ties may fall to either side; the next layer's steps are as large. */
const ONE_STEP = 1.01;

const onKernels = (kernels: readonly string[]): void => {
  expect(kernels.filter((kernel) => kernel.startsWith("host"))).toEqual([]);
  expect(kernels.filter((kernel) => /^f32_(gemm|conv|dwconv|binary|max_pool)/.test(kernel))).toEqual([]);
};

interface ConvCase {
  readonly name: string;
  readonly dims: readonly number[];
  readonly w: readonly number[];
  readonly attributes?: Record<string, AttributeValue>;
  readonly bias?: "quantised" | "float" | "other units";
  readonly after?: "Relu" | "Clip";
  readonly dtype?: DType;
  readonly float?: boolean;
  readonly perChannel?: boolean;
}

const CONVS: readonly ConvCase[] = [
  { name: "pointwise", dims: [1, 16, 5, 6], w: [24, 16, 1, 1], bias: "quantised" },
  {
    name: "stem",
    dims: [2, 3, 11, 9],
    w: [13, 3, 3, 3],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  { name: "depthwise", dims: [1, 20, 7, 7], w: [20, 1, 3, 3], attributes: { group: 20, pads: [1, 1, 1, 1] } },
  { name: "grouped", dims: [1, 12, 5, 5], w: [8, 3, 3, 3], attributes: { group: 4 }, bias: "quantised" },
  { name: "1-D", dims: [1, 6, 17], w: [7, 6, 3], attributes: { pads: [1, 1] }, bias: "float" },
  { name: "uint8", dims: [1, 8, 6, 6], w: [9, 8, 3, 3], dtype: "uint8", bias: "quantised" },
  { name: "Relu", dims: [1, 8, 6, 6], w: [9, 8, 1, 1], after: "Relu", bias: "other units" },
  { name: "Clip", dims: [1, 8, 6, 6], w: [9, 8, 1, 1], after: "Clip", perChannel: false },
  { name: "float32 out", dims: [1, 8, 6, 6], w: [9, 8, 3, 3], float: true, bias: "float", after: "Relu" },
];

function convGraph(b: Builder, c: ConvCase): { output: string; step: number } {
  const { dtype = "int8" } = c;
  const x = b.qdq(b.input(c.dims), 0.03, dtype === "int8" ? -7 : 121, dtype);
  const channels = c.w[0] as number;
  const weight = b.weight(c.w, 0, c.perChannel ?? true, dtype);
  const wScale = b.nodes.find((node) => node.outputs[0] === weight)?.inputs[1] as string;
  const inputs = [x, weight];
  if (c.bias === "float") inputs.push(b.constant("float32", [channels], -2, 2));
  if (c.bias === "quantised" || c.bias === "other units") {
    const units = Float32Array.from(
      b.facts[wScale]?.data?.data as Float32Array,
      (scale) => scale * Math.fround(0.03),
    );
    const scale =
      c.bias === "quantised"
        ? b.tensor({ dtype: "float32", dims: [channels], data: units })
        : b.constant("float32", [], 0.001, 0.001);
    inputs.push(b.node("DequantizeLinear", [b.constant("int32", [channels], -900, 900), scale], { axis: 0 }));
  }
  let y = b.node("Conv", inputs, c.attributes ?? {});
  if (c.after === "Relu") y = b.node("Relu", [y]);
  if (c.after === "Clip") y = b.node("Clip", [y, b.scalar(-0.5), b.scalar(2.3)]);
  if (c.float) return { output: y, step: 0.001 };
  return { output: b.qdq(y, 0.05, dtype === "int8" ? 4 : 133, dtype), step: 0.05 };
}

describe("QDQ", () => {
  test.each(CONVS)("Conv: $name", (c) => {
    const b = new Builder(c.name.length);
    const { output, step } = convGraph(b, c);
    const { kernels, steps } = b.run(output, step);
    onKernels(kernels);
    expect(kernels.filter((kernel) => /^i8_(dw)?conv$/.test(kernel))).toHaveLength(1);
    expect(steps).toBeLessThan(ONE_STEP);
  });

  test.each([0, 1])("Gemm, transB %i, and MatMul behind it", (transB) => {
    const b = new Builder(transB);
    const x = b.qdq(b.input([3, 21]), 0.03, 5);
    const dims = transB === 0 ? [21, 18] : [18, 21];
    const bias = b.constant("float32", [18], -1, 1);
    const h = b.qdq(b.node("Gemm", [x, b.weight(dims, 1 - transB), bias], { transB }), 0.04, -9);
    const y = b.node("MatMul", [h, b.weight([18, 11], 1)]);
    const { kernels, steps } = b.run(y, 0.04 * 0.01 * 127);
    onKernels(kernels);
    expect(kernels.filter((kernel) => kernel === "i8_conv")).toHaveLength(2);
    expect(steps).toBeLessThan(ONE_STEP);
  });

  test("a residual block: convolutions, Add and Relu, channels-last throughout", () => {
    const b = new Builder(9);
    const x = b.qdq(b.input([1, 16, 6, 6]), 0.03, -3);
    const h = b.qdq(b.node("Conv", [x, b.weight([16, 16, 1, 1], 0)]), 0.05, 3);
    const d = b.node("Conv", [h, b.weight([16, 1, 3, 3], 0)], { group: 16, pads: [1, 1, 1, 1] });
    const sum = b.node("Relu", [b.node("Add", [b.qdq(d, 0.04, 1), x])]);
    const { kernels, steps } = b.run(b.qdq(sum, 0.06, -128), 0.06);
    onKernels(kernels);
    expect(kernels).toContain("i8_add");
    // At both ends, where the values are of 8 bits.
    expect(kernels.filter((kernel) => kernel.endsWith("transpose"))).toEqual([
      "x8_transpose",
      "x8_transpose",
    ]);
    // The steps of two layers may add up.
    expect(steps).toBeLessThan(3);
  });

  test("MaxPool, Concat, Transpose and Reshape move 8-bit numbers", () => {
    const b = new Builder(4);
    const x = b.qdq(b.input([2, 8, 8, 6]), 0.03, -3);
    const pooled = b.qdq(b.node("MaxPool", [x], { kernelShape: [2, 2], strides: [2, 2] }), 0.03, -3);
    const joined = b.qdq(b.node("Concat", [pooled, pooled], { axis: 1 }), 0.03, -3);
    const turned = b.qdq(b.node("Transpose", [joined], { perm: [0, 2, 3, 1] }), 0.03, -3);
    const shape = b.tensor({ dtype: "int64", dims: [2], data: BigInt64Array.of(2n, -1n) });
    const flat = b.qdq(b.node("Reshape", [turned, shape], { allowzero: 0 }), 0.03, -3);
    const { kernels, steps } = b.run(flat, 0.03);
    onKernels(kernels);
    expect(kernels).toContain("i8_max_pool");
    expect(kernels.filter((kernel) => kernel === "f32_quantize")).toHaveLength(1);
    expect(steps).toBe(0);
  });

  test("a pool between different scales stays float32", () => {
    const b = new Builder(5);
    const x = b.qdq(b.input([1, 8, 8, 6]), 0.03, -3);
    const pooled = b.qdq(b.node("MaxPool", [x], { kernelShape: [2, 2], strides: [2, 2] }), 0.05, -3);
    const { kernels, steps } = b.run(pooled, 0.05);
    expect(kernels).toContain("f32_max_pool");
    expect(steps).toBe(0);
  });

  test("a value that is read elsewhere keeps its float32 form", () => {
    const b = new Builder(6);
    const x = b.qdq(b.input([1, 8, 6, 6]), 0.03, -3);
    const conv = b.node("Conv", [x, b.weight([8, 8, 1, 1], 0)]);
    const y = b.node("Add", [b.qdq(conv, 0.05, 0), conv]);
    const { kernels, steps } = b.run(y, 0.05);
    expect(kernels).toContain("i8_conv");
    expect(kernels).toContain("f32_quantize");
    expect(steps).toBeLessThan(ONE_STEP);
  });
});

describe("other forms", () => {
  test("QLinearConv and QLinearMatMul", () => {
    const b = new Builder(7);
    const [q] = b.quantize(b.input([1, 6, 5, 5]), 0.03, 120, "uint8");
    const parameters = [b.scalar(0.03), b.scalar(120, "uint8")];
    const w = [b.constant("int8", [8, 6, 3, 3], -100, 100), b.constant("float32", [8], 0.002, 0.01)];
    const rest = [b.constant("int8", [8], 0, 0), b.scalar(0.05), b.scalar(128, "uint8")];
    const conv = b.node("QLinearConv", [
      q,
      ...parameters,
      ...w,
      ...rest,
      b.constant("int32", [8], -500, 500),
    ]);
    const m = [b.constant("int8", [3, 7], -100, 100), b.scalar(0.01), b.scalar(2, "int8")];
    const out = [b.scalar(0.05), b.scalar(128, "uint8")];
    const product = b.node("QLinearMatMul", [conv, b.scalar(0.05), b.scalar(128, "uint8"), ...m, ...out]);
    const { kernels, steps } = b.run(b.node("DequantizeLinear", [product, ...out]), 0.05);
    onKernels(kernels);
    expect(kernels.filter((kernel) => kernel === "i8_conv")).toHaveLength(2);
    expect(steps).toBeLessThan(ONE_STEP);
  });

  test.each(["ConvInteger", "MatMulInteger"])("dynamic quantisation around %s", (op) => {
    const isConv = op === "ConvInteger";
    const b = new Builder(8);
    const x = b.input(isConv ? [1, 6, 7, 5] : [2, 5, 12]);
    b.nodes.push({ op: "DynamicQuantizeLinear", inputs: [x], outputs: ["q", "scale", "zero"] });
    const w = b.constant("int8", isConv ? [10, 6, 3, 3] : [12, 10], -100, 100);
    const sums = b.node(op, ["q", w, "zero", b.scalar(0, "int8")]);
    const scales = b.node("Mul", ["scale", b.scalar(0.01)]);
    const real = b.node("Mul", [b.node("Cast", [sums], { to: 1 }), scales]);
    const biased = b.node("Add", [real, b.constant("float32", isConv ? [1, 10, 1, 1] : [10], -1, 1)]);
    const { kernels, steps } = b.run(b.node("Relu", [biased]), 1e-4);
    onKernels(kernels);
    expect(kernels.filter((kernel) => !/transpose/.test(kernel))).toEqual([
      "f32_range",
      "f32_quantize_dynamic",
      "i8_conv",
    ]);
    expect(steps).toBeLessThan(1);
  });

  test.each(["ConvInteger", "MatMulInteger"])("%s by itself gives int32", (op) => {
    const isConv = op === "ConvInteger";
    const b = new Builder(11);
    const [q] = b.quantize(b.input(isConv ? [2, 6, 7, 5] : [2, 5, 12]), 0.03, 120, "uint8");
    const w = b.constant("int8", isConv ? [10, 3, 3, 3] : [12, 9], -100, 100);
    const attributes: Record<string, AttributeValue> = isConv ? { group: 2, pads: [1, 1, 1, 1] } : {};
    const sums = b.node(op, [q, w, b.scalar(120, "uint8"), b.scalar(2, "int8")], attributes);
    const { kernels, steps } = b.run(sums, 1);
    onKernels(kernels);
    expect(steps).toBe(0);
  });
});

describe("what stays float32: a node between quantised ones where", () => {
  const fed = (...dims: number[]): Fact => ({ dtype: "int8", dims });
  const int8 = (...dims: number[]): TensorData => ({
    dtype: "int8",
    dims,
    data: Int8Array.from({ length: elementCount(dims) }, (_, i) => (i % 11) - 5),
  });
  const X: Line = "f = DequantizeLinear(x, s, z)";
  const W: Line = "g = DequantizeLinear(w, s)";
  const matrix = { x: fed(3, 4), w: int8(4, 5), s: scalar(0.05), z: int8(), b: weights(5) };
  const image = { ...matrix, x: fed(1, 3, 4, 4), w: int8(4, 3, 1, 1), b: weights(4) };
  const two = { ...matrix, v: fed(3, 4) };
  const V: Line = "g = DequantizeLinear(v, s, z)";
  const q = (of: string): Line => `y = QuantizeLinear(${of}, s, z)`;

  test.each<[string, Values, readonly Line[]]>([
    ["Gemm has a factor", matrix, [X, W, ["y = Gemm(f, g, b)", { alpha: 2 }]]],
    ["Gemm has a factor of its bias", matrix, [X, W, ["y = Gemm(f, g, b)", { beta: 2 }]]],
    ["Gemm turns x round", { ...matrix, x: fed(4, 3) }, [X, W, ["y = Gemm(f, g, b)", { transA: 1 }]]],
    ["MatMul has a vector", { ...matrix, x: fed(4) }, [X, W, "y = MatMul(f, g)"]],
    ["MatMul has a stack of weights", { ...matrix, w: int8(3, 4, 5) }, [X, W, "y = MatMul(f, g)"]],
    ["MatMul has a bias in it already", matrix, [X, W, "y = MatMul(f, g, b)"]],
    ["MatMul has an activation in it already", matrix, [X, W, "y = relu(MatMul(f, g))"]],
    ["the weight is float32", { ...matrix, w: weights(4, 5) }, [X, "y = MatMul(f, w)"]],
    ["x is float32", { ...matrix, x: input(3, 4) }, [W, "y = MatMul(x, g)"]],
    [
      "Conv has volumes",
      { ...image, x: fed(1, 3, 2, 2, 2), w: int8(4, 3, 1, 1, 1) },
      [X, W, "y = Conv(f, g)"],
    ],
    ["Conv has a residual in it already", { ...image, r: input(1, 4, 4, 4) }, [X, W, "y = Conv(f, g, b, r)"]],
    ["Conv has a bias that is fed", { ...image, b: input(4) }, [X, W, "y = Conv(f, g, b)"]],
    ["a sum is not quantised", two, [X, V, "y = Add(f, g)"]],
    ["a sum has an activation in it already", two, [X, V, "a = relu(Add(f, g))", q("a")]],
    ["a sum's operand repeats", { ...two, v: fed(1, 4) }, [X, V, "a = Add(f, g)", q("a")]],
    ["a sum's operand is constant", { ...two, v: int8(3, 4) }, [X, V, "a = Add(f, g)", q("a")]],
    ["a sum's operand has no zero point", two, [X, "g = DequantizeLinear(v, s)", "a = Add(f, g)", q("a")]],
    ["a sum's operand is float32", { ...two, v: input(3, 4) }, [X, "a = Add(f, v)", q("a")]],
    [
      "a sum's result has no zero point",
      two,
      [X, V, "a = Add(f, g)", ["y = QuantizeLinear(a, s)", { outputDtype: 3 }, 23]],
    ],
    [
      "what is joined has another scale",
      { ...two, t: scalar(0.1) },
      [X, "g = DequantizeLinear(v, t, z)", ["a = Concat(f, g)", { axis: 0 }], q("a")],
    ],
    ["what is moved goes elsewhere, too", matrix, [X, "a = Transpose(f)", q("a"), "n = Neg(a)"]],
  ])("%s", (_, values, lines) => {
    const outputs = lines.includes("n = Neg(a)") ? "y, n" : "y";
    expectUntouched(fuseQuantized, inWords(values, lines, outputs));
  });
});
