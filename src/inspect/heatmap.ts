import { COUNT, numberIn, objectOf, oneOf, shown } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { elementCount, type Tensor } from "../tensor.ts";
import { checkImage, checkPixels, createImage, type ImageLike, type RgbaImage } from "../vision/pixels.ts";
import { COLOR_MAPS, type ColorMapName, writeColor } from "./color-maps.ts";
import { floatDataOf, floatsOf } from "./float-tensor.ts";

/** A number for each place of a picture, row after row from the top left. */
export interface Heatmap {
  /** The numbers, width × height of them. */
  readonly data: Float32Array;
  /** Places a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Which numbers the ends of a colour map stand for; by default the least and the greatest, or ±the farthest from 0. */
export interface HeatmapRange {
  /** The number at the first colour. */
  readonly from?: number;
  /** The number at the last colour. */
  readonly to?: number;
}

/** How numbers become colours. */
export interface PaintOptions extends HeatmapRange {
  /** "viridis" by default; "diverging" puts 0 in the middle. */
  readonly colors?: ColorMapName;
}

/** How a heatmap lies over a picture. */
export interface OverlayOptions extends PaintOptions {
  /** How much of the heat is seen, 0 to 1; 0.5 by default. */
  readonly opacity?: number;
}

/**
 * One plane of a tensor [N, C, H, W], [C, H, W] or [H, W] as a heatmap.
 *
 * @param channel - Its place along C.
 * @param sample - Its place along N.
 */
export function planeOf(tensor: Tensor, channel = 0, sample = 0): Heatmap {
  floatDataOf("planeOf: the tensor", tensor);
  const { dims } = tensor;
  const [height, width] = dims.slice(-2) as [number, number];
  const [samples, channels] = [dims.at(-4) ?? 1, dims.at(-3) ?? 1];
  if (dims.length < 2 || dims.length > 4 || elementCount(dims) === 0)
    throw new UsageError(`planeOf: expected a tensor of maps [N, C, H, W], got [${dims}]`);
  numberIn("planeOf: channel", channel, { from: 0, to: channels - 1, whole: true });
  numberIn("planeOf: sample", sample, { from: 0, to: samples - 1, whole: true });
  const from = (sample * channels + channel) * height * width;
  return { data: floatsOf(tensor, from, from + height * width), width, height };
}

/** The map at a width and height of its own: bilinear, half-pixel centres, edges held (as Resize of ONNX by default, and as torch's). */
export function resizeHeatmap(map: Heatmap, width: number, height: number): Heatmap {
  const { data, width: w, height: h } = checkHeatmap(map);
  numberIn("resizeHeatmap: width", width, COUNT);
  numberIn("resizeHeatmap: height", height, COUNT);
  checkPixels(width, height);
  const resized = new Float32Array(width * height);
  const [columns, rows] = [tapsOf(w, width), tapsOf(h, height)];
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = rows[y] as Tap;
    for (let x = 0; x < width; x++) {
      const [left, right, along] = columns[x] as Tap;
      const at = (row: number): number =>
        (data[row * w + left] as number) * (1 - along) + (data[row * w + right] as number) * along;
      resized[y * width + x] = at(top) * (1 - down) + at(bottom) * down;
    }
  }
  return { data: resized, width, height };
}

/** The two old pixels of a new one, and how much the second counts. */
type Tap = readonly [first: number, second: number, share: number];

/** What the pixels are made of when a line of `from` is stretched to `to`. */
const tapsOf = (from: number, to: number): readonly Tap[] =>
  Array.from({ length: to }, (_, i) => {
    const centre = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const first = Math.min(Math.floor(centre), from - 1);
    return [first, Math.min(first + 1, from - 1), Math.min(centre - first, 1)];
  });

/** The map in colours. What is not a number is transparent. */
export function paint(map: Heatmap, options: PaintOptions = {}): RgbaImage {
  const { colors = "viridis", from, to } = objectOf("paint: the options", options);
  const { data, width, height } = checkHeatmap(map);
  oneOf("paint: colors", colors, Object.keys(COLOR_MAPS) as ColorMapName[]);
  if (from !== undefined) numberIn("paint: from", from);
  if (to !== undefined) numberIn("paint: to", to);
  const [low, high] = rangeOf(data, colors === "diverging", from, to);
  checkPixels(width, height);
  const painted = createImage(width, height);
  data.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    writeColor(painted.data, i * 4, colors, high > low ? (value - low) / (high - low) : 0.5);
  });
  return painted;
}

function rangeOf(
  data: Float32Array,
  aroundZero: boolean,
  from: number | undefined,
  to: number | undefined,
): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const far = Math.max(Math.abs(low), Math.abs(high));
  const ends = aroundZero ? [-far, far] : [low, high];
  return [from ?? (ends[0] as number), to ?? (ends[1] as number)];
}

/** The map, stretched over a picture, through which the picture is seen. */
export function overlay(picture: ImageLike, map: Heatmap, options: OverlayOptions = {}): RgbaImage {
  const { opacity = 0.5, ...rest } = objectOf("overlay: the options", options);
  numberIn("overlay: opacity", opacity, { from: 0, to: 1 });
  checkImage(picture);
  const { data, width, height } = picture;
  const heat = paint(resizeHeatmap(map, width, height), rest).data;
  const mixed = Uint8ClampedArray.from(data, (value, i) => {
    if (i % 4 === 3) return 255;
    const share = heat[i - (i % 4) + 3] === 0 ? 0 : opacity;
    return value * (1 - share) + (heat[i] as number) * share;
  });
  return { data: mixed, width, height };
}

/** Where the greatest number stands; the first of several. */
export function peakOf(map: Heatmap): { readonly x: number; readonly y: number; readonly value: number } {
  const { data, width } = checkHeatmap(map);
  let at = 0;
  data.forEach((value, i) => {
    if (value > (data[at] as number)) at = i;
  });
  return { x: at % width, y: Math.floor(at / width), value: data[at] as number };
}

function checkHeatmap(map: Heatmap): Heatmap {
  const { data, width, height } = objectOf("the heatmap", map);
  const isWhole = Number.isSafeInteger(width) && Number.isSafeInteger(height) && width > 0 && height > 0;
  if (!(data instanceof Float32Array) || !isWhole || data.length !== width * height)
    throw new UsageError(
      `expected a heatmap { data: Float32Array of width × height, width, height }, got ${shown(map)}`,
    );
  return map;
}
