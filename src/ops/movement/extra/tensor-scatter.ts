import type { AnyData } from "../../../dtype.ts";
import { showDims } from "../../../graph/dims.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, int, sameAs, string } from "../../define.ts";
import { checkAlike } from "../../elementwise/dtypes.ts";
import { axisOf } from "../../shared/axes.ts";
import { like, toNumberArray } from "../../shared/elements.ts";
import { copyRun } from "../strided-copy.ts";

/** TensorScatter: an update written into a cache from a position along the sequence axis. https://onnx.ai/onnx/operators/onnx__TensorScatter.html */
export const tensorScatter = defineOp({
  type: "TensorScatter",
  since: [24],
  inputs: ["past_cache", "update", "write_indices?"],
  outputs: ["present_cache"],
  attributes: { axis: int(-2), mode: string("linear") },

  infer(context) {
    checkAlike(context, { update: 1 });
    const dims = context.dims(0);
    if (dims !== undefined && axisOf(context, context.attributes.axis, dims.length) === 0) {
      context.fail("axis must not be the batch axis");
    }
    return [sameAs(context.fact(0))];
  },

  evaluate(context) {
    const { past_cache: cache, update, write_indices: indices } = context.tensors();
    const { mode } = context.attributes;
    const axis = axisOf(context, context.attributes.axis, cache.dims.length);
    const [size, length] = [cache.dims[axis] as number, update.dims[axis] as number];
    if (mode !== "linear" && mode !== "circular")
      context.fail(`mode ${JSON.stringify(mode)} is not linear or circular`);
    if (
      update.dims.length !== cache.dims.length ||
      update.dims.some((d, at) => at !== axis && d !== cache.dims[at])
    ) {
      context.fail(
        `update ${showDims(update.dims)} must match past_cache ${showDims(cache.dims)} outside axis ${axis}`,
      );
    }
    const inner = elementCount(cache.dims.slice(axis + 1));
    const rows = elementCount(cache.dims.slice(0, axis));
    const rowsPerEntry = elementCount(cache.dims.slice(1, axis));
    const starts =
      indices === undefined ? new Array<number>(cache.dims[0] as number).fill(0) : toNumberArray(indices);
    const data = cache.data.slice() as AnyData;
    for (let row = 0; row < rows; row++) {
      const start = starts[Math.floor(row / rowsPerEntry)] as number;
      for (let i = 0; i < length; i++) {
        const at = mode === "circular" ? (start + i) % size : start + i;
        if (at < 0 || at >= size)
          context.fail(`write index ${at} is out of range for an axis of size ${size}`);
        copyRun(update.data, (row * length + i) * inner, data, (row * size + at) * inner, inner);
      }
    }
    return [like(cache, cache.dims, data)];
  },
});
