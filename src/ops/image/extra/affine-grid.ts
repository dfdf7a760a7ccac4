import { isFloat } from "../../../dtype.ts";
import { showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, factOf, int } from "../../define.ts";
import { checkList } from "../../elementwise/dtypes.ts";
import { fromNumbers, toNumberArray, toNumbers } from "../../shared/elements.ts";

/**
 * AffineGrid: the points of an image of `size`, from -1 to 1, under the affine maps theta[N, r, r+1].
 * https://onnx.ai/onnx/operators/onnx__AffineGrid.html
 */
export const affineGrid = defineOp({
  type: "AffineGrid",
  since: [20],
  inputs: ["theta", "size"],
  outputs: ["grid"],
  attributes: { alignCorners: int(0) },

  infer(context) {
    checkList(context, 1, "size");
    const { dtype, dims: theta } = context.fact(0);
    if (!isFloat(dtype)) context.failType(`theta must be a float tensor, got ${dtype}`);
    const [r, columns] = [theta?.[1], theta?.[2]];
    const known = typeof r === "number" && typeof columns === "number";
    if (
      theta !== undefined &&
      (theta.length !== 3 || (known && (columns !== r + 1 || (r !== 2 && r !== 3))))
    ) {
      context.fail(`theta must be [N, 2, 3] or [N, 3, 4], got ${showDims(theta)}`);
    }
    const given = context.data(1);
    if (given === undefined) {
      if (typeof r !== "number") return [factOf(dtype, undefined)];
      return [factOf(dtype, [theta?.[0] as Dim, ...new Array<Dim>(r).fill("?"), r])];
    }
    const size = toNumberArray(given);
    if (size.length !== 4 && size.length !== 5)
      context.fail(`size must be [N, C, …] of 4 or 5 sizes, got [${size}]`);
    return [factOf(dtype, [size[0] as number, ...size.slice(2), size.length - 2])];
  },

  evaluate(context) {
    const theta = context.tensor(0);
    const [batch, , ...sizes] = toNumberArray(context.tensor(1)) as [number, number, ...number[]];
    const rank = sizes.length;
    const align = context.attributes.alignCorners !== 0;
    const along = (i: number, size: number) =>
      align ? (size === 1 ? -1 : (2 * i) / (size - 1) - 1) : (2 * i + 1) / size - 1;
    const maps = toNumbers(theta);
    const points = elementCount(sizes);
    const result = new Float64Array(batch * points * rank);
    const at = new Array<number>(rank + 1).fill(1);
    for (let p = 0; p < points; p++) {
      let rest = p;
      for (let axis = rank - 1; axis >= 0; axis--) {
        const size = sizes[axis] as number;
        at[rank - 1 - axis] = along(rest % size, size);
        rest = Math.floor(rest / size);
      }
      for (let n = 0; n < batch; n++) {
        for (let row = 0; row < rank; row++) {
          const map = (n * rank + row) * (rank + 1);
          let sum = 0;
          for (let k = 0; k <= rank; k++) sum += (maps[map + k] as number) * (at[k] as number);
          result[(n * points + p) * rank + row] = sum;
        }
      }
    }
    return [fromNumbers(theta.dtype, [batch, ...sizes, rank], result)];
  },
});
