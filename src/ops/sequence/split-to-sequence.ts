import { rowMajorStrides } from "../../graph/dims.ts";
import { defineOp, int } from "../define.ts";
import { checkList } from "../elementwise/dtypes.ts";
import { readStrided } from "../movement/strided-copy.ts";
import { axisOf } from "../shared/axes.ts";
import { like, toNumberArray } from "../shared/elements.ts";
import { sequenceFact } from "./sequences.ts";

/** SplitToSequence: pieces of an axis, of equal or given sizes, as a sequence. https://onnx.ai/onnx/operators/onnx__SplitToSequence.html */
export const splitToSequence = defineOp({
  type: "SplitToSequence",
  since: [11, 24],
  inputs: ["input", "split?"],
  outputs: ["output_sequence"],
  attributes: { axis: int(0), keepdims: int(1) },

  infer(context) {
    checkList(context, 1, "split");
    const { dtype, dims } = context.fact(0);
    if (dims === undefined) return [sequenceFact(dtype, undefined)];
    const axis = axisOf(context, context.attributes.axis, dims.length);
    const single = context.inputs[1] === undefined;
    if (single && !context.attributes.keepdims)
      return [
        sequenceFact(
          dtype,
          dims.filter((_, at) => at !== axis),
        ),
      ];
    return [
      sequenceFact(
        dtype,
        dims.map((size, at) => (at !== axis ? size : single ? 1 : "?")),
      ),
    ];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const split = context.optional(1);
    const axis = axisOf(context, context.attributes.axis, input.dims.length);
    const size = input.dims[axis] as number;
    const strides = rowMajorStrides(input.dims);
    let sizes: number[];
    if (split?.dims.length === 1) {
      sizes = toNumberArray(split);
      const total = sizes.reduce((a, b) => a + b, 0);
      if (total !== size || sizes.some((length) => length < 0)) {
        context.fail(`split [${sizes}] must add up to the axis' size ${size}`);
      }
    } else {
      const chunk = split === undefined ? 1 : (toNumberArray(split)[0] as number);
      if (!(chunk > 0)) context.fail(`split must be positive, got ${chunk}`);
      sizes = Array.from({ length: Math.ceil(size / chunk) }, (_, i) => Math.min(chunk, size - i * chunk));
    }
    const drop = split === undefined && !context.attributes.keepdims;
    let start = 0;
    const values = sizes.map((length) => {
      const dims = input.dims.map((dim, at) => (at === axis ? length : dim));
      const piece = readStrided(input, dims, start * (strides[axis] as number), strides);
      start += length;
      return drop
        ? like(
            piece,
            dims.filter((_, at) => at !== axis),
            piece.data,
          )
        : piece;
    });
    return [{ container: "sequence", dtype: input.dtype, values }];
  },
});
