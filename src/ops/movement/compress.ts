import { createData } from "../../dtype.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { axisOf } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";
import { copyRun } from "./strided-copy.ts";

/** Compress: the slices along an axis (or flat elements) where the condition holds. https://onnx.ai/onnx/operators/onnx__Compress.html */
export const compress = defineOp({
  type: "Compress",
  since: [9, 11],
  inputs: ["input", "condition"],
  attributes: { axis: int() },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "condition", context.fact(1).dtype, ["bool"]);
    const condition = context.data(1);
    const { axis } = context.attributes;
    const at = axis === undefined || dims === undefined ? undefined : axisOf(context, axis, dims.length);
    const size = at === undefined ? undefined : dims?.[at];
    const known = condition !== undefined && typeof size === "number";
    const count = known ? kept(condition.data as Uint8Array, size).length : "?";
    if (axis === undefined) return [factOf(dtype, ["?"])];
    return [
      factOf(
        dtype,
        dims?.map((length, i) => (i === at ? count : length)),
      ),
    ];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const { axis } = context.attributes;
    const shape = axis === undefined ? [elementCount(input.dims)] : input.dims;
    const at = axis === undefined ? 0 : axisOf(context, axis, shape.length);
    const size = shape[at] as number;
    const indices = kept(context.tensor(1).data as Uint8Array, size);
    const outer = elementCount(shape.slice(0, at));
    const inner = elementCount(shape.slice(at + 1));
    const dims = shape.map((length, i) => (i === at ? indices.length : length));
    const data = createData(input.dtype, elementCount(dims));
    let to = 0;
    for (let row = 0; row < outer; row++) {
      for (const index of indices) {
        copyRun(input.data, (row * size + index) * inner, data, to, inner);
        to += inner;
      }
    }
    return [like(input, dims, data)];
  },
});

/** The indices below `size` where the condition, which may be shorter, holds. */
const kept = (condition: Uint8Array, size: number): number[] =>
  Array.from(condition.subarray(0, size).entries()).flatMap(([i, holds]) => (holds ? [i] : []));
