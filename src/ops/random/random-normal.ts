import { float } from "../define.ts";
import { normal } from "./generator.ts";
import { defineRandomOp } from "./random-op.ts";

/**
 * RandomNormal: a tensor of the given dims, drawn from a normal distribution.
 * https://onnx.ai/onnx/operators/onnx__RandomNormal.html
 */
export const randomNormal = defineRandomOp({
  type: "RandomNormal",
  attributes: { mean: float(0), scale: float(1) },
  distribution: (random, { mean, scale }) => {
    const standard = normal(random);
    return () => mean + scale * standard();
  },
});
