import { float } from "../define.ts";
import { defineRandomLikeOp } from "./random-op.ts";

/**
 * RandomUniformLike: a tensor of an input's dims, drawn evenly between low and high.
 * https://onnx.ai/onnx/operators/onnx__RandomUniformLike.html
 */
export const randomUniformLike = defineRandomLikeOp({
  type: "RandomUniformLike",
  attributes: { low: float(0), high: float(1) },
  distribution:
    (random, { low, high }) =>
    () =>
      low + (high - low) * random(),
});
