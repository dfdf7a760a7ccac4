import { createData } from "../../../dtype.ts";
import { rowMajorStrides, showDims } from "../../../graph/dims.ts";
import { defineOp, int, sameAs } from "../../define.ts";
import { checkList } from "../../elementwise/dtypes.ts";
import { axisOf } from "../../shared/axes.ts";
import { like, toNumberArray } from "../../shared/elements.ts";
import { copyStrided } from "../strided-copy.ts";

/** ReverseSequence: the first sequence_lens[b] steps of batch entry b in reverse. https://onnx.ai/onnx/operators/onnx__ReverseSequence.html */
export const reverseSequence = defineOp({
  type: "ReverseSequence",
  since: [10],
  inputs: ["input", "sequence_lens"],
  attributes: { batchAxis: int(1), timeAxis: int(0) },

  infer(context) {
    checkList(context, 1, "sequence_lens");
    const dims = context.dims(0);
    if (dims !== undefined) {
      if (dims.length < 2) context.fail(`the input must have at least two axes, got ${showDims(dims)}`);
      const batch = axisOf(context, context.attributes.batchAxis, dims.length);
      if (batch === axisOf(context, context.attributes.timeAxis, dims.length)) {
        context.fail("batch_axis and time_axis must differ");
      }
    }
    return [sameAs(context.fact(0))];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const lengths = toNumberArray(context.tensor(1));
    const batchAxis = axisOf(context, context.attributes.batchAxis, input.dims.length);
    const timeAxis = axisOf(context, context.attributes.timeAxis, input.dims.length);
    const time = input.dims[timeAxis] as number;
    if (lengths.length !== input.dims[batchAxis]) {
      context.fail(`sequence_lens has ${lengths.length} entries, the batch ${input.dims[batchAxis]}`);
    }
    const strides = rowMajorStrides(input.dims);
    const [batchStride, timeStride] = [strides[batchAxis] as number, strides[timeAxis] as number];
    const data = createData(input.dtype, input.data.length);
    lengths.forEach((length, b) => {
      if (length < 0 || length > time) context.fail(`sequence_lens ${length} is not within 0 … ${time}`);
      const copy = (count: number, from: number, to: number, step: number) =>
        copyStrided(input.data, data, {
          dims: input.dims.map((size, axis) => (axis === batchAxis ? 1 : axis === timeAxis ? count : size)),
          sourceStart: b * batchStride + from * timeStride,
          sourceStrides: strides.map((stride, axis) => (axis === timeAxis ? stride * step : stride)),
          targetStart: b * batchStride + to * timeStride,
          targetStrides: strides,
        });
      copy(length, Math.max(0, length - 1), 0, -1);
      copy(time - length, length, length, 1);
    });
    return [like(input, input.dims, data)];
  },
});
