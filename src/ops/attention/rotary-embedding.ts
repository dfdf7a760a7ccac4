import { isFloat } from "../../dtype.ts";
import { defineOp, int, sameAs } from "../define.ts";
import { fromNumbers, toNumberArray, toNumbers } from "../shared/elements.ts";

/**
 * RotaryEmbedding: turns pairs of elements of each head by angles that belong to the position. The pairs are the two
 * halves of the vector, or (interleaved) neighbours.
 * https://onnx.ai/onnx/operators/onnx__RotaryEmbedding.html
 */
export const rotaryEmbedding = defineOp({
  type: "RotaryEmbedding",
  since: [23],
  inputs: ["X", "cos_cache", "sin_cache", "position_ids?"],
  attributes: { interleaved: int(0), numHeads: int(0), rotaryEmbeddingDim: int(0) },

  infer(context) {
    const fact = context.fact(0);
    if (!isFloat(fact.dtype)) context.failType(`X must be floating point, got ${fact.dtype}`);
    const rank = fact.dims?.length;
    if (rank !== undefined && rank !== 3 && rank !== 4)
      context.fail(`X must have rank 3 or 4, got [${fact.dims}]`);
    if (rank === 3 && context.attributes.numHeads === 0) context.fail("X of rank 3 needs num_heads");
    return [sameAs(fact)];
  },

  evaluate(context) {
    const { X: x, cos_cache: cosCache, sin_cache: sinCache, position_ids: given } = context.tensors();
    const { interleaved, numHeads, rotaryEmbeddingDim } = context.attributes;
    const packed = x.dims.length === 3;
    const [batch, heads, length, size] = (
      packed ? [x.dims[0], numHeads, x.dims[1], (x.dims[2] as number) / numHeads] : x.dims
    ) as [number, number, number, number];
    if (packed && !(heads > 0 && Number.isInteger(size)))
      context.fail(`${x.dims[2]} columns do not split into ${numHeads} heads`);
    if (rotaryEmbeddingDim < 0 || rotaryEmbeddingDim > size)
      context.fail(`rotary_embedding_dim ${rotaryEmbeddingDim} is outside heads of ${size} elements`);
    const turned = rotaryEmbeddingDim === 0 ? size : rotaryEmbeddingDim;
    const half = turned / 2;
    const positions = given && toNumberArray(given);
    const [cos, sin, from] = [toNumbers(cosCache), toNumbers(sinCache), toNumbers(x)];
    if (cosCache.dims.at(-1) !== half)
      context.fail(`cos_cache of [${cosCache.dims}] must have ${half} columns`);
    const y = Float64Array.from(from);
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < heads; h++) {
        for (let i = 0; i < length; i++) {
          const at = packed ? ((b * length + i) * heads + h) * size : ((b * heads + h) * length + i) * size;
          const row =
            (positions === undefined ? b * length + i : (positions[b * length + i] as number)) * half;
          for (let d = 0; d < half; d++) {
            const first = at + (interleaved === 0 ? d : 2 * d);
            const second = first + (interleaved === 0 ? half : 1);
            const [u, v] = [from[first] as number, from[second] as number];
            const [c, s] = [cos[row + d] as number, sin[row + d] as number];
            y[first] = u * c - v * s;
            y[second] = u * s + v * c;
          }
        }
      }
    }
    return [fromNumbers(x.dtype, x.dims, y)];
  },
});
