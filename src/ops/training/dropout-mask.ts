import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, float, int } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/**
 * A mask for dropout with the dims of x, or for paths that are dropped for whole samples with its batch alone, [N, 1, …]: 0 with the probability `ratio`, else 1 / (1 − ratio), for each element by the
 * int32 `seed`, the `stream` (masks of one run differ in it) and the element's index alone, so that any element can be
 * made again anywhere.
 */
export const dropoutMask = defineOp({
  type: "DropoutMask",
  domain: "lanewise",
  since: [1],
  inputs: ["seed", "x"],
  outputs: ["mask"],
  attributes: { ratio: float(0.5), stream: int(0), perSample: int(0) },
  infer(context) {
    const seed = context.fact(0);
    if (seed.dtype !== "int32") context.failType(`seed must be int32, got ${seed.dtype}`);
    const { ratio, perSample } = context.attributes;
    if (!(ratio >= 0 && ratio < 1)) context.fail(`ratio must be in [0, 1), got ${ratio}`);
    const dims = context.dims(1);
    return [factOf("float32", dims && maskDims(dims, perSample))];
  },
  evaluate(context) {
    const { ratio, stream, perSample } = context.attributes;
    const dims = maskDims(context.tensor(1).dims, perSample);
    const key = mixed((toNumbers(context.tensor(0))[0] as number) + stream);
    const least = thresholdOf(ratio);
    const kept = 1 / (1 - ratio);
    const mask = new Float64Array(elementCount(dims));
    for (let i = 0; i < mask.length; i++) mask[i] = mixed(((i ^ key) + key) | 0) >= least ? kept : 0;
    return [fromNumbers("float32", dims, mask)];
  },
});

const maskDims = <D>(dims: readonly D[], perSample: number): readonly (D | 1)[] =>
  perSample === 0 ? dims : dims.map((size, axis) => (axis === 0 ? size : 1));

/** Bits below this are dropped. */
export const thresholdOf = (ratio: number): number => Math.min(Math.round(ratio * 2 ** 32), 2 ** 32 - 1);

/** The mixing of `dropout_mask.ts`; unsigned. */
function mixed(bits: number): number {
  let x = bits | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
