import { float, floats } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/** ImageScaler: scale·x + bias for each channel; an experimental operator of early ONNX that some old models keep. */
export const imageScaler = defineComposedOp({
  type: "ImageScaler",
  domain: "",
  inputs: ["x"],
  attributes: { bias: floats([]), scale: float(1) },

  compose({ attributes, inputs, emit, constant }) {
    const { bias, scale } = attributes;
    const factor = constant({ dtype: "float32", dims: [], data: Float32Array.of(scale) });
    const shift = constant({ dtype: "float32", dims: [bias.length, 1, 1], data: Float32Array.from(bias) });
    return [emit("Add", [emit("Mul", [inputs[0] as string, factor]), shift])];
  },
});
