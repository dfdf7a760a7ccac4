import { Tensor } from "../../src/index.ts";
import { float, type GraphSpec, type ModelSpec, model, node } from "./onnx-model.ts";
import { random } from "./random.ts";

const draw = random(5);
const longs = (...values: number[]) =>
  ({ dtype: "int64", dims: [values.length], data: BigInt64Array.from(values.map(BigInt)) }) as const;

const branch = (op: string): GraphSpec => ({ nodes: [node(op, ["sm"], [`${op}_y`])], outputs: [`${op}_y`] });

/** A small network that has a bit of everything: weights, every kind of attribute, an If, computed shapes. */
export const VARIED: ModelSpec = {
  inputs: { x: { dtype: "float32", dims: [1, 3, 5, 5] }, c: { dtype: "bool", dims: [] } },
  initializers: {
    w: draw.tensor("float32", [2, 3, 3, 3]),
    b: draw.tensor("float32", [2]),
    g: draw.tensor("float32", [2], 0.5, 1),
    m: draw.tensor("float32", [18, 3]),
    shape: longs(1, -1),
    cut: longs(1, 1),
    one: longs(1),
    two: longs(2),
  },
  nodes: [
    node("Conv", ["x", "w", "b"], ["y0"], { kernel_shape: [3, 3], strides: [1, 1], pads: [0, 0, 0, 0] }),
    node("BatchNormalization", ["y0", "g", "b", "b", "g"], ["y1"], { epsilon: float(0.001) }),
    node("LeakyRelu", ["y1"], ["y2"], { alpha: float(0.1) }),
    node("Split", ["y2", "cut"], ["s0", "s1"], { axis: 1 }),
    node("Concat", ["s1", "s0"], ["y3"], { axis: 1 }),
    node("MaxPool", ["y3"], ["p"], { kernel_shape: [2, 2], auto_pad: "SAME_UPPER" }),
    node("Slice", ["p", "one", "two", "one"], ["sl"]),
    node("Reshape", ["y3", "shape"], ["f"]),
    node("Gemm", ["f", "m"], ["z"], { transB: 0 }),
    node("Softmax", ["z"], ["sm"], { axis: -1 }),
    node("If", ["c"], ["q"], { then_branch: branch("Relu"), else_branch: branch("Neg") }),
    node("Transpose", ["p"], ["tr"], { perm: [0, 2, 3, 1] }),
    node("ReduceMean", ["tr"], ["rm"], { axes: [1, 2], keepdims: 0 }),
  ],
  outputs: ["q", "sl", "rm"],
};

export const variedModel = (): Uint8Array => model(VARIED);

export const variedFeeds = () => {
  const { data, dims } = random(6).tensor("float32", [1, 3, 5, 5]);
  return { x: new Tensor("float32", data, dims), c: new Tensor("bool", [true], []) };
};
