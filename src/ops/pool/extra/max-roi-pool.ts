import { isFloat } from "../../../dtype.ts";
import { showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { defineOp, factOf, float, ints, required } from "../../define.ts";
import { fromNumbers, toNumbers } from "../../shared/elements.ts";

/**
 * MaxRoiPool: the largest element in each cell of a grid laid over each region (batch, x1, y1, x2, y2).
 * https://onnx.ai/onnx/operators/onnx__MaxRoiPool.html
 */
export const maxRoiPool = defineOp({
  type: "MaxRoiPool",
  since: [1, 22],
  inputs: ["x", "rois"],
  attributes: { pooledShape: required(ints()), spatialScale: float(1) },

  infer(context) {
    const { dtype, dims: x } = context.fact(0);
    const rois = context.dims(1);
    const { pooledShape } = context.attributes;
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if (x !== undefined && x.length !== 4) context.fail(`x must be [N, C, H, W], got ${showDims(x)}`);
    if (rois !== undefined && (rois.length !== 2 || (typeof rois[1] === "number" && rois[1] !== 5))) {
      context.fail(`rois must be [count, 5], got ${showDims(rois)}`);
    }
    if (pooledShape.length !== 2) context.fail(`pooled_shape needs 2 sizes, got [${pooledShape}]`);
    return [factOf(dtype, [rois?.[0] ?? "?", x?.[1] ?? "?", ...pooledShape] as Dim[])];
  },

  evaluate(context) {
    const [x, rois] = [context.tensor(0), context.tensor(1)];
    const { spatialScale } = context.attributes;
    const [pooledH, pooledW] = context.attributes.pooledShape as [number, number];
    const [batch, channels, h, w] = x.dims as [number, number, number, number];
    const count = rois.dims[0] as number;
    const [source, regions] = [toNumbers(x), toNumbers(rois)];
    const result = new Float64Array(count * channels * pooledH * pooledW);
    const cells = (start: number, end: number, pooled: number, size: number): [number, number][] => {
      const cell = Math.max(end - start + 1, 1) / pooled;
      const clamp = (at: number) => Math.min(Math.max(at + start, 0), size);
      return Array.from({ length: pooled }, (_, i) => [
        clamp(Math.floor(i * cell)),
        clamp(Math.ceil((i + 1) * cell)),
      ]);
    };
    for (let r = 0; r < count && result.length > 0; r++) {
      const image = regions[r * 5] as number;
      if (image < 0 || image >= batch) context.fail(`region ${r} is of image ${image}, x has ${batch}`);
      const [x1, y1, x2, y2] = [1, 2, 3, 4].map((i) =>
        Math.round((regions[r * 5 + i] as number) * spatialScale),
      ) as [number, number, number, number];
      const [rows, columns] = [cells(y1, y2, pooledH, h), cells(x1, x2, pooledW, w)];
      for (let c = 0; c < channels; c++) {
        const plane = (image * channels + c) * h * w;
        let to = (r * channels + c) * pooledH * pooledW;
        for (const [top, bottom] of rows) {
          for (const [left, right] of columns) {
            let best = top < bottom && left < right ? -Infinity : 0;
            for (let i = top; i < bottom; i++) {
              for (let j = left; j < right; j++) best = Math.max(best, source[plane + i * w + j] as number);
            }
            result[to++] = best;
          }
        }
      }
    }
    return [fromNumbers(x.dtype, [count, channels, pooledH, pooledW], result)];
  },
});
