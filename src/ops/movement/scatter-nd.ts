import type { AnyData } from "../../dtype.ts";
import { disagree, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, sameAs, string } from "../define.ts";
import { checkWhole } from "../elementwise/dtypes.ts";
import { like } from "../shared/elements.ts";
import { reductionOf, tupleOffsets, writerOf } from "./scattering.ts";
import { copyRun } from "./strided-copy.ts";

/** ScatterND: the data with slices replaced or combined at index tuples. https://onnx.ai/onnx/operators/onnx__ScatterND.html */
export const scatterNd = defineOp({
  type: "ScatterND",
  since: [11, 13, 16, 18],
  inputs: ["data", "indices", "updates"],
  attributes: { reduction: string("none") },

  infer(context) {
    checkWhole(context, 1, "indices");
    const { data, ...given } = context.facts();
    const [indices, updates] = [given.indices.dims, given.updates.dims];
    const tuple = indices?.at(-1);
    if (given.updates.dtype !== data.dtype) {
      context.failType(`updates must be ${data.dtype}, got ${given.updates.dtype}`);
    }
    if (data.dims !== undefined && typeof tuple === "number" && tuple > data.dims.length) {
      context.fail(`indices ${showDims(indices)} address more axes than ${showDims(data.dims)} has`);
    }
    const need = updateDims(data.dims, indices);
    if (need !== undefined && updates !== undefined && disagree(need, updates))
      context.fail(`updates must be ${showDims(need)}, got ${showDims(updates)}`);
    reductionOf(context, context.attributes.reduction);
    return [sameAs(data)];
  },

  evaluate(context) {
    const { data: source, indices, updates } = context.tensors();
    const tuple = indices.dims.at(-1) ?? context.fail("indices must have at least one axis");
    const slice = elementCount(source.dims.slice(tuple));
    const offsets = tupleOffsets(context, indices, source.dims);
    if (updates.data.length !== offsets.length * slice) {
      const need = [...indices.dims.slice(0, -1), ...source.dims.slice(tuple)];
      context.fail(`updates must be ${showDims(need)}, got ${showDims(updates.dims)}`);
    }
    const reduction = reductionOf(context, context.attributes.reduction);
    const write = writerOf(context, source.dtype, reduction);
    const data = source.data.slice() as AnyData;
    for (let i = 0; i < offsets.length; i++) {
      const at = offsets[i] as number;
      if (reduction === "none") copyRun(updates.data, i * slice, data, at, slice);
      else for (let k = 0; k < slice; k++) write(data, at + k, updates.data, i * slice + k);
    }
    return [like(source, source.dims, data)];
  },
});

/** What updates must be: the tuples of indices, each with the slice that it picks; undefined while unknown. */
function updateDims(
  data: readonly Dim[] | undefined,
  indices: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  const tuple = indices?.at(-1);
  if (data === undefined || indices === undefined || typeof tuple !== "number") return undefined;
  return [...indices.slice(0, -1), ...data.slice(tuple)];
}
