import { createData } from "../../dtype.ts";
import { rowMajorStrides } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, required } from "../define.ts";
import { copyStrided } from "../movement/strided-copy.ts";
import { axisOf } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";
import { entryTensor, sequenceAt, stack } from "./sequences.ts";

/** ConcatFromSequence: the entries joined along an axis, or stacked along a new one. https://onnx.ai/onnx/operators/onnx__ConcatFromSequence.html */
export const concatFromSequence = defineOp({
  type: "ConcatFromSequence",
  since: [11],
  inputs: ["input_sequence"],
  outputs: ["concat_result"],
  attributes: { axis: required(int()), newAxis: int(0) },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (dims === undefined) return [factOf(dtype, undefined)];
    const { axis, newAxis } = context.attributes;
    if (newAxis) {
      const at = axisOf(context, axis, dims.length + 1);
      return [factOf(dtype, [...dims.slice(0, at), "?", ...dims.slice(at)])];
    }
    const at = axisOf(context, axis, dims.length);
    return [
      factOf(
        dtype,
        dims.map((size, i) => (i === at ? "?" : size)),
      ),
    ];
  },

  evaluate(context) {
    const parts = sequenceAt(context, 0).values.map((value) => entryTensor(context, value));
    const first = parts[0] ?? context.fail("the sequence is empty");
    const { axis, newAxis } = context.attributes;
    if (newAxis) return [stack(context, parts, axisOf(context, axis, first.dims.length + 1))];
    const at = axisOf(context, axis, first.dims.length);
    const total = parts.reduce((sum, part) => sum + (part.dims[at] as number), 0);
    const dims = first.dims.map((size, i) => (i === at ? total : size));
    const data = createData(first.dtype, elementCount(dims));
    const targetStrides = rowMajorStrides(dims);
    let targetStart = 0;
    for (const part of parts) {
      if (part.dims.length !== dims.length || part.dims.some((size, i) => i !== at && size !== dims[i])) {
        context.fail(
          `entries must agree outside axis ${at}, got ${parts.map((p) => `[${p.dims}]`).join(", ")}`,
        );
      }
      const sourceStrides = rowMajorStrides(part.dims);
      copyStrided(part.data, data, {
        dims: part.dims,
        sourceStart: 0,
        sourceStrides,
        targetStart,
        targetStrides,
      });
      targetStart += (part.dims[at] as number) * (targetStrides[at] as number);
    }
    return [like(first, dims, data)];
  },
});
