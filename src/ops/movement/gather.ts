import { createData } from "../../dtype.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkWhole } from "../elementwise/dtypes.ts";
import { axisOf } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";
import { checkedIndices } from "./gathering.ts";
import { copyRun } from "./strided-copy.ts";

/** Gather: slices of an axis picked by an index tensor. https://onnx.ai/onnx/operators/onnx__Gather.html */
export const gather = defineOp({
  type: "Gather",
  since: [1, 11, 13],
  inputs: ["data", "indices"],
  attributes: { axis: int(0) },

  infer(context) {
    checkWhole(context, 1, "indices");
    const { dtype, dims } = context.fact(0);
    const indices = context.dims(1);
    if (dims === undefined || indices === undefined) return [factOf(dtype, undefined)];
    const axis = axisOf(context, context.attributes.axis, dims.length);
    return [factOf(dtype, [...dims.slice(0, axis), ...indices, ...dims.slice(axis + 1)])];
  },

  evaluate(context) {
    const source = context.tensor(0);
    const indices = context.tensor(1);
    const axis = axisOf(context, context.attributes.axis, source.dims.length);
    const size = source.dims[axis] as number;
    const outer = elementCount(source.dims.slice(0, axis));
    const inner = elementCount(source.dims.slice(axis + 1));
    const dims = [...source.dims.slice(0, axis), ...indices.dims, ...source.dims.slice(axis + 1)];
    const data = createData(source.dtype, elementCount(dims));
    const picks = checkedIndices(context, indices, size);
    let to = 0;
    for (let row = 0; row < outer; row++) {
      for (let i = 0; i < picks.length; i++) {
        copyRun(source.data, (row * size + (picks[i] as number)) * inner, data, to, inner);
        to += inner;
      }
    }
    return [like(source, dims, data)];
  },
});
