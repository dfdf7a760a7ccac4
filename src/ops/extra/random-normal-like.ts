import { float } from "../define.ts";
import { normal } from "../shared/random.ts";
import { defineRandomLikeOp } from "../shared/random-op.ts";

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
