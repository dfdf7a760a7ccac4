import { rowMajorStrides, showDims } from "../../graph/dims.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkWhole } from "../elementwise/dtypes.ts";
import { axisOf } from "../shared/axes.ts";
import { pick } from "../shared/elements.ts";
import { checkedIndices } from "./gathering.ts";
import { stridedOffsets } from "./strided.ts";

/** GatherElements: for each index, the element that lies there along the axis. https://onnx.ai/onnx/operators/onnx__GatherElements.html */
export const gatherElements = defineOp({
  type: "GatherElements",
  since: [11, 13],
  inputs: ["data", "indices"],
  attributes: { axis: int(0) },

  infer(context) {
    checkWhole(context, 1, "indices");
    const dims = context.dims(0);
    const indices = context.dims(1);
    if (dims !== undefined && indices !== undefined && dims.length !== indices.length) {
      context.fail(`indices ${showDims(indices)} must be of the data's rank ${dims.length}`);
    }
    if (dims !== undefined) axisOf(context, context.attributes.axis, dims.length);
    return [factOf(context.fact(0).dtype, indices)];
  },

  evaluate(context) {
    const source = context.tensor(0);
    const indices = context.tensor(1);
    const axis = axisOf(context, context.attributes.axis, source.dims.length);
    const strides = rowMajorStrides(source.dims);
    const step = strides[axis] as number;
    const picks = checkedIndices(context, indices, source.dims[axis] as number);
    if (indices.dims.some((size, at) => at !== axis && size > (source.dims[at] as number))) {
      context.fail(`indices ${showDims(indices.dims)} reach past the data ${showDims(source.dims)}`);
    }
    const offsets = stridedOffsets(
      indices.dims,
      strides.map((stride, at) => (at === axis ? 0 : stride)),
    );
    return [pick(source, indices.dims, (i) => (offsets[i] as number) + (picks[i] as number) * step)];
  },
});
