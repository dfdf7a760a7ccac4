import type { ModelSpec } from "../../support/onnx-model.ts";
import { node } from "../../support/onnx-model.ts";
import { random } from "../../support/random.ts";

const image = (...dims: number[]) => ({ dtype: "float32", dims }) as const;
const draw = random(1);

/** What the fuzzer found, each model as small as shows it. Broken bytes lie beside this file as `.onnx` and `.ckpt`. */
export const KEPT: Readonly<Record<string, ModelSpec>> = {
  "an empty perm reverses the axes, it does not leave them": {
    inputs: { x: image(3, 5, 6) },
    nodes: [node("Transpose", ["x"], ["t"], { perm: [] }), node("Relu", ["t"], ["y"])],
    outputs: ["y"],
  },
  "an order of two axes does not fit three that come later": {
    inputs: { x: { dtype: "float32" } },
    nodes: [node("Transpose", ["x"], ["t"], { perm: [0, 1] }), node("Relu", ["t"], ["y"])],
    outputs: ["y"],
  },
  "a bound of Clip that is a list": {
    inputs: { x: image(2, 3) },
    initializers: { low: draw.tensor("float32", [5]) },
    nodes: [node("Clip", ["x", "low"], ["y"])],
    outputs: ["y"],
  },
};

/** Cases by their lines. */
export const LINES = [
  // An output in the place of an input of which the other input was a window, broadcast.
  "graphs:graph-666357918:4234622098",
  // Roundings that a quantised network, a ReLU or a batch normalisation magnify: the definitions stray as far.
  "graphs:quantized-283155746:401160565",
  // The index of the greatest of equals.
  "graphs:graph-564575215:1045952614",
  "training:training-1011796916:401170701",
  "training:training-357526664:2318983973",
  "training:training-1041137227:3461224551",
  "training:training-692792134:4234628569",
];
