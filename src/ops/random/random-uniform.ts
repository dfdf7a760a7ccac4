import { float } from "../define.ts";
import { defineRandomOp } from "./random-op.ts";

/**
 * RandomUniform: a tensor of the given dims, drawn evenly between low and high.
 * https://onnx.ai/onnx/operators/onnx__RandomUniform.html
 */
export const randomUniform = defineRandomOp({
  type: "RandomUniform",
  attributes: { low: float(0), high: float(1) },
  distribution:
    (random, { low, high }) =>
    () =>
      low + (high - low) * random(),
});
