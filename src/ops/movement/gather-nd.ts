import { createData } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkWhole } from "../elementwise/dtypes.ts";
import type { Failing } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";
import { tupleOffsets } from "./scattering.ts";
import { copyRun } from "./strided-copy.ts";

/** GatherND: slices of the data picked by index tuples, behind batch dims. https://onnx.ai/onnx/operators/onnx__GatherND.html */
export const gatherNd = defineOp({
  type: "GatherND",
  since: [11, 12, 13],
  inputs: ["data", "indices"],
  attributes: { batchDims: int(0) },

  infer(context) {
    checkWhole(context, 1, "indices");
    const { dtype, dims } = context.fact(0);
    const indices = context.dims(1);
    const tuple = indices?.at(-1);
    if (dims === undefined || indices === undefined) return [factOf(dtype, undefined)];
    if (tuple === undefined) return context.fail("indices must have at least one axis");
    if (typeof tuple !== "number") return [factOf(dtype, undefined)];
    return [factOf(dtype, resultDims(context, dims, indices, tuple, context.attributes.batchDims))];
  },

  evaluate(context) {
    const source = context.tensor(0);
    const indices = context.tensor(1);
    const { batchDims } = context.attributes;
    const tuple = indices.dims.at(-1) ?? context.fail("indices must have at least one axis");
    const dims = resultDims(context, source.dims, indices.dims, tuple, batchDims) as number[];
    const batch = elementCount(source.dims.slice(0, batchDims));
    const batchElements = elementCount(source.dims.slice(batchDims));
    const slice = elementCount(source.dims.slice(batchDims + tuple));
    const offsets = tupleOffsets(context, indices, source.dims.slice(batchDims));
    const perBatch = offsets.length / batch;
    const data = createData(source.dtype, elementCount(dims));
    for (let i = 0; i < offsets.length; i++) {
      const start = Math.floor(i / perBatch) * batchElements + (offsets[i] as number);
      copyRun(source.data, start, data, i * slice, slice);
    }
    return [like(source, dims, data)];
  },
});

function resultDims(
  context: Failing,
  dims: readonly Dim[],
  indices: readonly Dim[],
  tuple: number,
  batchDims: number,
): Dim[] {
  if (batchDims < 0 || batchDims >= indices.length || batchDims + tuple > dims.length) {
    context.fail(
      `indices ${showDims(indices)} with batch_dims ${batchDims} do not fit the data ${showDims(dims)}`,
    );
  }
  for (let axis = 0; axis < batchDims; axis++) {
    const [a, b] = [dims[axis], indices[axis]];
    if (typeof a === "number" && typeof b === "number" && a !== b) {
      context.fail(`batch axis ${axis} differs: data ${showDims(dims)}, indices ${showDims(indices)}`);
    }
  }
  return [...indices.slice(0, -1), ...dims.slice(batchDims + tuple)];
}
