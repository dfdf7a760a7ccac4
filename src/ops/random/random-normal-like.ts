import { float } from "../define.ts";
import { normal } from "./generator.ts";
import { defineRandomLikeOp } from "./random-op.ts";

/**
 * RandomNormalLike: a tensor of an input's dims, drawn from a normal distribution.
 * https://onnx.ai/onnx/operators/onnx__RandomNormalLike.html
 */
export const randomNormalLike = defineRandomLikeOp({
  type: "RandomNormalLike",
  attributes: { mean: float(0), scale: float(1) },
  distribution: (random, { mean, scale }) => {
    const standard = normal(random);
    return () => mean + scale * standard();
  },
});
