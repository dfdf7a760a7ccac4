import { booleanOf, objectOf, oneOf } from "../arguments.ts";
import {
  type Color,
  checkColor,
  checkImage,
  checkPixels,
  checkSize,
  createImage,
  type ImageLike,
  isOpaque,
  type Placement,
  type RgbaImage,
} from "./pixels.ts";

/** How pixels are made of pixels. */
export interface ResizeOptions {
  /**
   * `bilinear` (the default): half-pixel centres, like Pillow, torchvision and OpenCV. `area`: the exact mean of what
   * each new pixel covers. `nearest`: the old pixel under the new one's centre.
   */
  readonly method?: "bilinear" | "area" | "nearest";
  /**
   * For `bilinear` when shrinking: widen the triangle to all the pixels it covers, as Pillow and torchvision do and
   * ImageNet's reference preprocessing expects (the default). False takes the two nearest a side, as OpenCV's
   * INTER_LINEAR.
   */
  readonly antialias?: boolean;
}

/** For each new pixel of a line, the old ones it is made of: `weights[i * width + k]` of `starts[i] + k`. */
interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Float64Array;
  readonly width: number;
}

/** Pillow's fixed point for 8-bit channels; sums of such weights times bytes are exact in doubles. */
const WEIGHT_UNIT = 2 ** 22;

/**
 * The picture at `width`×`height`.
 *
 * `bilinear` gives the very bytes of Pillow's `Image.resize(size, BILINEAR)`, which rounds to bytes between its
 * horizontal and its vertical pass; `area` rounds once. Where a picture is not opaque, colours count by their alpha.
 * Source: Pillow's src/libImaging/Resample.c.
 */
export function resize(
  image: ImageLike,
  width: number,
  height: number,
  options: ResizeOptions = {},
): RgbaImage {
  const { method = "bilinear", antialias = true } = objectOf("resize: the options", options);
  checkImage(image);
  checkSize("width", width);
  checkSize("height", height);
  oneOf("resize method", method, ["bilinear", "area", "nearest"]);
  booleanOf("antialias", antialias);
  checkPixels(width, height);
  if (method === "nearest") return resizeNearest(image, width, height);
  checkPixels(width, image.height);
  const taps = (from: number, to: number): Taps =>
    method === "area" ? areaTaps(from, to) : triangleTaps(from, to, antialias);
  const opaque = isOpaque(image);
  const source = opaque ? image.data : premultiplied(image.data);
  const exact = method === "area" && height !== image.height;
  const between = new (exact ? Float32Array : Uint8ClampedArray)(width * image.height * 4);
  if (width === image.width) between.set(source);
  else resampleRows(source, image.width, between, width, image.height, taps(image.width, width));
  const result = createImage(width, height);
  if (height === image.height) result.data.set(between);
  else resampleColumns(between, result.data, width, height, taps(image.height, height));
  if (!opaque) unpremultiply(result.data);
  return result;
}

/** How `letterbox` resizes, and what it puts around the picture. */
export interface LetterboxOptions extends ResizeOptions {
  /** What fills the bars; 114 grey by default, as YOLO's training does. */
  readonly color?: Color;
}

/**
 * The whole picture inside `width`×`height`: scaled as large as fits, centred, bars filled with `color`. `placement`
 * maps points of the image to points of the result; `toImage` goes back.
 *
 * Source: LetterBox in Ultralytics' data/augment.py, for where an odd bar is split.
 */
export function letterbox(
  image: ImageLike,
  width: number,
  height: number,
  settings: LetterboxOptions = {},
): { image: RgbaImage; placement: Placement } {
  const { color = [114, 114, 114], ...options } = objectOf("letterbox: the options", settings);
  checkColor("color", color);
  checkImage(image);
  checkSize("width", width);
  checkSize("height", height);
  checkPixels(width, height);
  const scale = Math.min(width / image.width, height / image.height);
  const innerWidth = Math.max(1, Math.round(image.width * scale));
  const innerHeight = Math.max(1, Math.round(image.height * scale));
  const offsetX = Math.floor((width - innerWidth) / 2);
  const offsetY = Math.floor((height - innerHeight) / 2);
  const inner = resize(image, innerWidth, innerHeight, options);
  const whole = createImage(width, height);
  whole.data.set([...color, 255]);
  const pixels = new Uint32Array(whole.data.buffer);
  pixels.fill(pixels[0] as number);
  for (let row = 0; row < innerHeight; row++) {
    const line = inner.data.subarray(row * innerWidth * 4, (row + 1) * innerWidth * 4);
    whole.data.set(line, ((offsetY + row) * width + offsetX) * 4);
  }
  const placement = {
    scaleX: innerWidth / image.width,
    scaleY: innerHeight / image.height,
    offsetX,
    offsetY,
  };
  return { image: whole, placement };
}

function resizeNearest(image: ImageLike, width: number, height: number): RgbaImage {
  const result = createImage(width, height);
  const old = (index: number, from: number, to: number): number => Math.floor(((index + 0.5) * from) / to);
  for (let y = 0; y < height; y++) {
    const row = old(y, image.height, height) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + old(x, image.width, width)) * 4;
      const to = (y * width + x) * 4;
      for (let c = 0; c < 4; c++) result.data[to + c] = image.data[from + c] as number;
    }
  }
  return result;
}

function triangleTaps(from: number, to: number, antialias: boolean): Taps {
  const scale = from / to;
  const reach = antialias ? Math.max(scale, 1) : 1;
  return makeTaps(from, to, 2 * Math.ceil(reach) + 1, (index) => {
    const center = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    return {
      first,
      end,
      weight: (at) => Math.max(0, 1 - Math.abs((at - center + 0.5) / reach)),
      unit: WEIGHT_UNIT,
    };
  });
}

function areaTaps(from: number, to: number): Taps {
  return makeTaps(from, to, Math.ceil(from / to) + 1, (index) => {
    // Both ends as one division each, so that whole borders come out whole.
    const left = (index * from) / to;
    const right = ((index + 1) * from) / to;
    const weight = (at: number): number => Math.min(at + 1, right) - Math.max(at, left);
    return { first: Math.floor(left), end: Math.ceil(right), weight };
  });
}

interface Window {
  readonly first: number;
  readonly end: number;
  readonly weight: (at: number) => number;
  /** Weights are rounded to multiples of 1 / unit; exact where it is missing. */
  readonly unit?: number;
}

function makeTaps(from: number, to: number, width: number, windowOf: (index: number) => Window): Taps {
  const taps = {
    starts: new Int32Array(to),
    counts: new Int32Array(to),
    weights: new Float64Array(to * width),
    width,
  };
  for (let index = 0; index < to; index++) {
    const { first, end, weight, unit } = windowOf(index);
    let total = 0;
    for (let at = first; at < end; at++) total += weight(at);
    for (let at = first; at < end; at++) {
      const share = weight(at) / total;
      taps.weights[index * width + at - first] =
        unit === undefined ? share : Math.floor(share * unit + 0.5) / unit;
    }
    taps.starts[index] = first;
    taps.counts[index] = Math.min(end, from) - first;
  }
  return taps;
}

type Samples = Uint8Array | Uint8ClampedArray | Float32Array;

/** Bytes are rounded half up, as Pillow does; a clamped array by itself would round halves to even. */
const roundingOf = (target: Samples): number => (target instanceof Float32Array ? 0 : 0.5);
const store = (sum: number, rounding: number): number => (rounding === 0 ? sum : Math.floor(sum + rounding));

function resampleRows(
  from: Samples,
  fromWidth: number,
  to: Samples,
  width: number,
  height: number,
  taps: Taps,
): void {
  const rounding = roundingOf(to);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const base = (y * fromWidth + (taps.starts[x] as number)) * 4;
      const count = taps.counts[x] as number;
      let red = 0;
      let green = 0;
      let blue = 0;
      let alpha = 0;
      for (let k = 0; k < count; k++) {
        const weight = taps.weights[x * taps.width + k] as number;
        const at = base + k * 4;
        red += weight * (from[at] as number);
        green += weight * (from[at + 1] as number);
        blue += weight * (from[at + 2] as number);
        alpha += weight * (from[at + 3] as number);
      }
      const at = (y * width + x) * 4;
      to[at] = store(red, rounding);
      to[at + 1] = store(green, rounding);
      to[at + 2] = store(blue, rounding);
      to[at + 3] = store(alpha, rounding);
    }
  }
}

function resampleColumns(from: Samples, to: Samples, width: number, height: number, taps: Taps): void {
  const rounding = roundingOf(to);
  const sums = new Float64Array(width * 4);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < (taps.counts[y] as number); k++) {
      const weight = taps.weights[y * taps.width + k] as number;
      const base = ((taps.starts[y] as number) + k) * sums.length;
      for (let i = 0; i < sums.length; i++)
        sums[i] = (sums[i] as number) + weight * (from[base + i] as number);
    }
    for (let i = 0; i < sums.length; i++) to[y * sums.length + i] = store(sums[i] as number, rounding);
  }
}

function premultiplied(data: ImageLike["data"]): Uint8ClampedArray {
  const result = new Uint8ClampedArray(data);
  for (let at = 0; at < result.length; at += 4) {
    const alpha = (result[at + 3] as number) / 255;
    for (let c = 0; c < 3; c++) result[at + c] = (result[at + c] as number) * alpha;
  }
  return result;
}

function unpremultiply(data: Uint8ClampedArray): void {
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] as number;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = 0; c < 3; c++) data[at + c] = ((data[at + c] as number) * 255) / alpha;
  }
}
