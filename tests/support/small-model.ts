import { model, node } from "./onnx-model.ts";
import { random } from "./random.ts";

export const SMALL_MODEL_DIMS = [1, 3, 20, 24];

/** A network of a dense, a depthwise and a pointwise Conv, a pool and a Gemm, `x` → `y` [1, 10], as ONNX bytes. */
export function smallModel(): Uint8Array {
  const { tensor } = random(1);
  return model({
    inputs: { x: { dtype: "float32", dims: SMALL_MODEL_DIMS } },
    outputs: { y: { dtype: "float32", dims: [1, 10] } },
    initializers: {
      dense: tensor("float32", [8, 3, 3, 3]),
      bias: tensor("float32", [8]),
      depthwise: tensor("float32", [8, 1, 3, 3]),
      pointwise: tensor("float32", [12, 8, 1, 1]),
      classes: tensor("float32", [12, 10]),
    },
    nodes: [
      node("Conv", ["x", "dense", "bias"], ["c0"], { pads: [1, 1, 1, 1], strides: [2, 2] }),
      node("Relu", ["c0"], ["r0"]),
      node("Conv", ["r0", "depthwise"], ["c1"], { pads: [1, 1, 1, 1], group: 8 }),
      node("Sigmoid", ["c1"], ["s1"]),
      node("Conv", ["s1", "pointwise"], ["c2"]),
      node("GlobalAveragePool", ["c2"], ["p2"]),
      node("Flatten", ["p2"], ["f2"]),
      node("Gemm", ["f2", "classes"], ["y"]),
    ],
  });
}

/** Numbers in [-1, 1) that a seed fixes: an input for a small network. */
export const randomFloats = (count: number, seed: number): Float32Array =>
  random(seed).tensor("float32", [count]).data;
