import { isFloat } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { spend } from "../../interruptible.ts";
import { defineOp, factOf, float, int, string } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** A sample's four corners and weights, as objects. */
const SAMPLE_BYTES = 256;

/** The four pixels around a point and their weights; undefined where the point is outside the plane. */
function corners(h: number, w: number, y: number, x: number): { at: number[]; weight: number[] } | undefined {
  if (y < -1 || y > h || x < -1 || x > w) return undefined;
  const axis = (value: number, size: number): [number, number, number] => {
    const clamped = Math.min(Math.max(value, 0), size - 1);
    const low = Math.floor(clamped);
    return [low, Math.min(low + 1, size - 1), clamped - low];
  };
  const [top, bottom, down] = axis(y, h);
  const [left, right, across] = axis(x, w);
  return {
    at: [top * w + left, top * w + right, bottom * w + left, bottom * w + right],
    weight: [(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across],
  };
}

/**
 * RoiAlign: samples each cell of a grid laid over each region (x1, y1, x2, y2) bilinearly, and takes their mean or
 * largest.
 * https://onnx.ai/onnx/operators/onnx__RoiAlign.html
 */
export const roiAlign = defineOp({
  type: "RoiAlign",
  since: [10, 16, 22],
  inputs: ["x", "rois", "batch_indices"],
  attributes: {
    coordinateTransformationMode: string("half_pixel"),
    mode: string("avg"),
    outputHeight: int(1),
    outputWidth: int(1),
    samplingRatio: int(0),
    spatialScale: float(1),
  },

  infer(context) {
    const { dtype, dims: x } = context.fact(0);
    const [rois, indices] = [context.dims(1), context.dims(2)];
    const { coordinateTransformationMode, mode, outputHeight, outputWidth } = context.attributes;
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if (mode !== "avg" && mode !== "max")
      context.fail(`mode must be avg or max, got ${JSON.stringify(mode)}`);
    if (!["half_pixel", "output_half_pixel"].includes(coordinateTransformationMode)) {
      context.fail(
        `coordinate_transformation_mode must be half_pixel or output_half_pixel, got ${coordinateTransformationMode}`,
      );
    }
    if (x !== undefined && x.length !== 4) context.fail(`x must be [N, C, H, W], got ${showDims(x)}`);
    if (rois !== undefined && (rois.length !== 2 || (typeof rois[1] === "number" && rois[1] !== 4))) {
      context.fail(`rois must be [count, 4], got ${showDims(rois)}`);
    }
    return [
      factOf(dtype, [rois?.[0] ?? indices?.[0] ?? "?", x?.[1] ?? "?", outputHeight, outputWidth] as Dim[]),
    ];
  },

  evaluate(context) {
    const [x, rois] = [context.tensor(0), context.tensor(1)];
    const images = toNumbers(context.tensor(2));
    const { mode, outputHeight, outputWidth, samplingRatio, spatialScale } = context.attributes;
    const aligned = context.opset >= 16 && context.attributes.coordinateTransformationMode === "half_pixel";
    const [batch, channels, h, w] = x.dims as [number, number, number, number];
    const count = rois.dims[0] as number;
    const [source, regions] = [toNumbers(x), toNumbers(rois)];
    const result = new Float64Array(count * channels * outputHeight * outputWidth);
    const shift = aligned ? 0.5 : 0;
    for (let r = 0; r < count; r++) {
      const image = images[r] as number;
      if (image < 0 || image >= batch) context.fail(`region ${r} is of image ${image}, x has ${batch}`);
      const [x1, y1, x2, y2] = [0, 1, 2, 3].map(
        (i) => (regions[r * 4 + i] as number) * spatialScale - shift,
      ) as [number, number, number, number];
      const [height, width] = aligned ? [y2 - y1, x2 - x1] : [Math.max(y2 - y1, 1), Math.max(x2 - x1, 1)];
      const [cellH, cellW] = [height / outputHeight, width / outputWidth];
      const gridH = samplingRatio > 0 ? samplingRatio : Math.ceil(cellH);
      const gridW = samplingRatio > 0 ? samplingRatio : Math.ceil(cellW);
      context.assertFits(gridH * gridW * SAMPLE_BYTES);
      for (let cell = 0; cell < outputHeight * outputWidth; cell++) {
        spend(gridH * gridW * (channels + 1));
        const [top, left] = [y1 + Math.floor(cell / outputWidth) * cellH, x1 + (cell % outputWidth) * cellW];
        const samples: ReturnType<typeof corners>[] = [];
        for (let i = 0; i < gridH; i++) {
          for (let j = 0; j < gridW; j++) {
            samples.push(
              corners(h, w, top + ((i + 0.5) * cellH) / gridH, left + ((j + 0.5) * cellW) / gridW),
            );
          }
        }
        for (let c = 0; c < channels; c++) {
          const plane = (image * channels + c) * h * w;
          result[(r * channels + c) * outputHeight * outputWidth + cell] =
            mode === "avg" ? mean(source, plane, samples) : largest(source, plane, samples);
        }
      }
    }
    return [fromNumbers(x.dtype, [count, channels, outputHeight, outputWidth], result)];
  },
});

type Samples = readonly ReturnType<typeof corners>[];

function mean(source: ArrayLike<number>, plane: number, samples: Samples): number {
  let sum = 0;
  for (const sample of samples) {
    sample?.at.forEach((at, k) => {
      sum += (sample.weight[k] as number) * (source[plane + at] as number);
    });
  }
  return sum / Math.max(samples.length, 1);
}

/** The largest weighed pixel, as the reference has it: not the largest interpolated sample. */
function largest(source: ArrayLike<number>, plane: number, samples: Samples): number {
  let best = -Infinity;
  for (const sample of samples) {
    if (sample === undefined) best = Math.max(best, 0);
    sample?.at.forEach((at, k) => {
      best = Math.max(best, (sample.weight[k] as number) * (source[plane + at] as number));
    });
  }
  return samples.length === 0 ? 0 : best;
}
