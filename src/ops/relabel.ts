import { rowMajorStrides } from "../graph/dims.ts";
import { defineOp, factOf, ints, required } from "./define.ts";
import { pick } from "./shared/elements.ts";
import { stridedOffsets } from "./shared/strided.ts";

/**
 * A Transpose between channels-first and channels-last that the layout already carries out: the same bytes under
 * permuted dims. Inserted by the layout pass only.
 */
export const relabel = defineOp({
  type: "Relabel",
  domain: "lanewise",
  since: [1],
  inputs: ["x"],
  attributes: { perm: required(ints()) },

  infer(context) {
    const x = context.fact(0);
    return [factOf(x.dtype, x.dims && context.attributes.perm.map((axis) => x.dims?.[axis] ?? "?"))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const strides = rowMajorStrides(x.dims);
    const { perm } = context.attributes;
    const dims = perm.map((axis) => x.dims[axis] as number);
    const offsets = stridedOffsets(
      dims,
      perm.map((axis) => strides[axis] as number),
    );
    return [pick(x, dims, (i) => offsets[i] as number)];
  },
});
