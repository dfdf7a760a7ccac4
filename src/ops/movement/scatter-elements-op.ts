import type { AnyData } from "../../dtype.ts";
import { disagree, rowMajorStrides, showDims } from "../../graph/dims.ts";
import { defineOp, int, sameAs, string } from "../define.ts";
import { checkWhole } from "../elementwise/dtypes.ts";
import { axisOf } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";
import { checkedIndices } from "./gathering.ts";
import { reductionOf, writerOf } from "./scattering.ts";
import { stridedOffsets } from "./strided.ts";

/** ScatterElements and its older name Scatter. */
export const defineScatterElementsOp = (type: string, since: readonly number[]) =>
  defineOp({
    type,
    since,
    inputs: ["data", "indices", "updates"],
    attributes: { axis: int(0), reduction: string("none") },

    infer(context) {
      checkWhole(context, 1, "indices");
      const facts = context.facts();
      const { dtype, dims } = facts.data;
      const [indices, updates] = [facts.indices.dims, facts.updates.dims];
      if (facts.updates.dtype !== dtype) {
        context.failType(`updates must be ${dtype}, got ${facts.updates.dtype}`);
      }
      if (dims !== undefined) axisOf(context, context.attributes.axis, dims.length);
      for (const other of [indices, updates]) {
        if (dims !== undefined && other !== undefined && dims.length !== other.length) {
          context.fail(
            `indices and updates must be of the data's rank ${dims.length}, got ${showDims(other)}`,
          );
        }
      }
      if (indices !== undefined && updates !== undefined && disagree(indices, updates))
        context.fail(`indices ${showDims(indices)} and updates ${showDims(updates)} differ`);
      reductionOf(context, context.attributes.reduction);
      return [sameAs(facts.data)];
    },

    evaluate(context) {
      const { data: source, indices, updates } = context.tensors();
      const axis = axisOf(context, context.attributes.axis, source.dims.length);
      if (indices.dims.some((size, at) => size !== updates.dims[at])) {
        context.fail(`indices ${showDims(indices.dims)} and updates ${showDims(updates.dims)} differ`);
      }
      if (indices.dims.some((size, at) => at !== axis && size > (source.dims[at] as number))) {
        context.fail(`indices ${showDims(indices.dims)} reach past the data ${showDims(source.dims)}`);
      }
      const strides = rowMajorStrides(source.dims);
      const step = strides[axis] as number;
      const picks = checkedIndices(context, indices, source.dims[axis] as number);
      const offsets = stridedOffsets(
        indices.dims,
        strides.map((stride, at) => (at === axis ? 0 : stride)),
      );
      const write = writerOf(context, source.dtype, reductionOf(context, context.attributes.reduction));
      const data = source.data.slice() as AnyData;
      for (let i = 0; i < picks.length; i++) {
        write(data, (offsets[i] as number) + (picks[i] as number) * step, updates.data, i);
      }
      return [like(source, source.dims, data)];
    },
  });
