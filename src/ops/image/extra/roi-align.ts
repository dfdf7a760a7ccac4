import { isFloat } from "../../../dtype.ts";
import { showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { spend } from "../../../interruptible.ts";
import { defineOp, factOf, float, int, string } from "../../define.ts";
import { fromNumbers, type Numbers, toNumbers } from "../../shared/elements.ts";

/** Samples of one cell along an axis: the two pixels around each and the second one's weight; low -1 lies outside. */
interface AxisSamples {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float64Array;
}

const roomFor = (count: number): AxisSamples => ({
  low: new Int32Array(count),
  high: new Int32Array(count),
  weight: new Float64Array(count),
});

/** Lays the samples evenly into the cell [start, start + cell). */
function place(samples: AxisSamples, start: number, cell: number, size: number): void {
  const count = samples.low.length;
  for (let i = 0; i < count; i++) {
    const at = start + ((i + 0.5) * cell) / count;
    const clamped = Math.min(Math.max(at, 0), size - 1);
    const low = Math.floor(clamped);
    samples.low[i] = at < -1 || at > size ? -1 : low;
    samples.high[i] = Math.min(low + 1, size - 1);
    samples.weight[i] = clamped - low;
  }
}

/** Samples of one region beyond which it is refused: more than the pixels of any image. */
const MOST_SAMPLES = 2 ** 26;

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
    const facts = context.facts();
    const { dtype, dims: x } = facts.x;
    const [rois, indices] = [facts.rois.dims, facts.batch_indices.dims];
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
    const { x, rois, batch_indices } = context.tensors();
    const images = toNumbers(batch_indices);
    const { mode, outputHeight, outputWidth, samplingRatio, spatialScale } = context.attributes;
    const aligned = context.opset >= 16 && context.attributes.coordinateTransformationMode === "half_pixel";
    const [batch, channels, h, w] = x.dims as [number, number, number, number];
    const count = rois.dims[0] as number;
    const [source, regions] = [toNumbers(x), toNumbers(rois)];
    const result = new Float64Array(count * channels * outputHeight * outputWidth);
    const fold = mode === "avg" ? mean : largest;
    const shift = aligned ? 0.5 : 0;
    for (let r = 0; r < count && result.length > 0; r++) {
      const image = images[r] as number;
      if (image < 0 || image >= batch) context.fail(`region ${r} is of image ${image}, x has ${batch}`);
      const [x1, y1, x2, y2] = [0, 1, 2, 3].map(
        (i) => (regions[r * 4 + i] as number) * spatialScale - shift,
      ) as [number, number, number, number];
      const [height, width] = aligned ? [y2 - y1, x2 - x1] : [Math.max(y2 - y1, 1), Math.max(x2 - x1, 1)];
      const [cellH, cellW] = [height / outputHeight, width / outputWidth];
      // A region of NaN has no samples.
      const [gridH, gridW] = [cellH, cellW].map((cell) =>
        samplingRatio > 0 ? samplingRatio : Math.max(Math.ceil(cell) || 0, 0),
      ) as [number, number];
      const cells = outputHeight * outputWidth;
      if (!(cells * Math.max(gridH * gridW, gridH + gridW) <= MOST_SAMPLES))
        context.fail(`region ${r} has ${cells} cells of ${gridH} x ${gridW} samples, too many`);
      const [rows, columns] = [roomFor(gridH), roomFor(gridW)];
      for (let cell = 0; cell < cells; cell++) {
        spend(gridH * gridW * channels);
        place(rows, y1 + Math.floor(cell / outputWidth) * cellH, cellH, h);
        place(columns, x1 + (cell % outputWidth) * cellW, cellW, w);
        for (let c = 0; c < channels; c++) {
          const plane = source.subarray((image * channels + c) * h * w);
          result[(r * channels + c) * cells + cell] = fold(plane, w, rows, columns);
        }
      }
    }
    return [fromNumbers(x.dtype, [count, channels, outputHeight, outputWidth], result)];
  },
});

function mean(plane: Numbers, w: number, rows: AxisSamples, columns: AxisSamples): number {
  let sum = 0;
  forEachCorner(plane, w, rows, columns, (value) => {
    sum += value;
  });
  return sum / Math.max(rows.low.length * columns.low.length, 1);
}

/** The largest weighed pixel, as the reference has it: not the largest interpolated sample. */
function largest(plane: Numbers, w: number, rows: AxisSamples, columns: AxisSamples): number {
  let best = -Infinity;
  forEachCorner(plane, w, rows, columns, (value) => {
    best = Math.max(best, value);
  });
  return rows.low.length * columns.low.length === 0 ? 0 : best;
}

/** Calls `visit` with the four weighed pixels around every sample, and with 0 for one outside the plane. */
function forEachCorner(
  plane: Numbers,
  w: number,
  rows: AxisSamples,
  columns: AxisSamples,
  visit: (value: number) => void,
): void {
  for (let i = 0; i < rows.low.length; i++) {
    const [top, bottom, down] = [rows.low[i], rows.high[i], rows.weight[i]] as [number, number, number];
    for (let j = 0; j < columns.low.length; j++) {
      const left = columns.low[j] as number;
      if (top < 0 || left < 0) {
        visit(0);
        continue;
      }
      const [right, across] = [columns.high[j], columns.weight[j]] as [number, number];
      visit((1 - down) * (1 - across) * (plane[top * w + left] as number));
      visit((1 - down) * across * (plane[top * w + right] as number));
      visit(down * (1 - across) * (plane[bottom * w + left] as number));
      visit(down * across * (plane[bottom * w + right] as number));
    }
  }
}
