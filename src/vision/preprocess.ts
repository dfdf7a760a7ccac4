import { arrayOf, listOf, numberIn, objectOf, oneOf, shown } from "../arguments.ts";
import { codecOf, createData, numberToFloat16 } from "../dtype.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { Tensor, type TensorData, tensorOf } from "../tensor.ts";
import {
  type Color,
  checkImage,
  checkSize,
  createImage,
  flatten,
  type ImageLike,
  type RgbaImage,
} from "./pixels.ts";
import { type ResizeOptions, resize } from "./resize.ts";

/** Where an image tensor's channels lie: before height and width, or last. */
export type ImageLayout = "NCHW" | "NHWC";
/** The order of a tensor's channels; "gray" is one. */
export type Channels = "RGB" | "BGR" | "gray";

/** How a byte of a pixel becomes a number of a tensor, and back: `number = (byte * scale - mean) / std`. */
export interface Normalization {
  /** What a byte (0 to 255) is multiplied by; 1/255 by default, 1 for dtype uint8. */
  readonly scale?: number;
  /** In units of byte × scale; one number, or one per channel in the order of `channels`. 0 by default. */
  readonly mean?: number | readonly number[];
  /** In units of byte × scale; one number, or one per channel in the order of `channels`. 1 by default. */
  readonly std?: number | readonly number[];
  /** The order of the channels; `gray` is one, the luma 0.299 R + 0.587 G + 0.114 B. RGB by default. */
  readonly channels?: Channels;
}

/** How `toTensor` makes numbers of pixels. */
export interface ToTensorOptions extends Normalization, ResizeOptions {
  /** Resize to this width, heedless of the aspect ratio; the image's own by default. */
  readonly width?: number;
  /** Resize to this height, heedless of the aspect ratio; the image's own by default. */
  readonly height?: number;
  /** Where the channels lie; NCHW by default. */
  readonly layout?: ImageLayout;
  /** float32 by default; float16 as its bits; uint8 is rounded and clamped to 0…255. */
  readonly dtype?: "float32" | "float16" | "uint8";
  /** Lay a picture with transparency over this colour; without it, alpha is dropped. */
  readonly background?: Color;
}

const LAYOUTS: readonly ImageLayout[] = ["NCHW", "NHWC"];
const ORDERS: Readonly<Record<Channels, readonly number[]>> = { RGB: [0, 1, 2], BGR: [2, 1, 0], gray: [0] };

/**
 * One picture, or several as a batch, as a tensor [N, C, H, W] or [N, H, W, C] with
 * `number = (byte * scale - mean) / std`. Pictures of a batch must come out the same size.
 *
 * @param images - RGBA pixels.
 */
export function toTensor(images: ImageLike | readonly ImageLike[], options: ToTensorOptions = {}): Tensor {
  const { layout = "NCHW", dtype = "float32", channels = "RGB" } = objectOf("toTensor: the options", options);
  oneOf("layout", layout, LAYOUTS);
  oneOf("dtype", dtype, ["float32", "float16", "uint8"]);
  const order = channelOrder(channels);
  const batch = (Array.isArray(images) ? (images as readonly ImageLike[]) : [images as ImageLike]).map(
    (image) => fitted(image, options),
  );
  const first = batch[0];
  if (first === undefined) throw new UsageError("no image to make a tensor of");
  const { width, height } = first;
  const pixels = width * height;
  const data = createData(dtype, batch.length * order.length * pixels);
  const tables = byteTables(dtype, order.length, { ...options, channels });
  for (const [index, image] of batch.entries()) {
    if (image.width !== width || image.height !== height) {
      throw new ShapeError(
        undefined,
        `image ${index} of the batch is ${image.width}×${image.height}, image 0 is ${width}×${height}: set width and height`,
      );
    }
    for (const [c, source] of order.entries()) {
      const table = tables[c] as typeof data;
      const step = layout === "NCHW" ? 1 : order.length;
      let to = index * order.length * pixels + (layout === "NCHW" ? c * pixels : c);
      for (let from = 0; from < pixels * 4; from += 4) {
        const byte = channels === "gray" ? luma(image.data, from) : (image.data[from + source] as number);
        data[to] = table[byte] as number;
        to += step;
      }
    }
  }
  const count = batch.length;
  const dims =
    layout === "NCHW" ? [count, order.length, height, width] : [count, height, width, order.length];
  return new Tensor(dtype, data, dims);
}

export interface FromTensorOptions extends Normalization {
  /** Where the channels lie; by default told from the dims, NCHW where both would fit. */
  readonly layout?: ImageLayout;
  /** Which picture of the batch; 0 by default. */
  readonly index?: number;
  /**
   * Instead of scale, mean and std: the numbers that become 0 and 255, or `auto` for the least and the greatest
   * finite number there (for heat maps).
   */
  readonly range?: readonly [low: number, high: number] | "auto";
}

/**
 * A picture of a tensor of 1 or 3 channels: [N, C, H, W], [N, H, W, C], the same without N, or [H, W]. Numbers go
 * back by `byte = (number * std + mean) / scale`, so that the options of `toTensor` undo it, or by `range`; what
 * falls outside is clamped and NaN becomes 0. Without options, floats are taken as 0…1 and uint8 as bytes.
 */
export function fromTensor(tensor: TensorData, options: FromTensorOptions = {}): RgbaImage {
  const { dtype, data } = tensorOf("fromTensor: the tensor", tensor);
  objectOf("fromTensor: the options", options);
  if (options.layout !== undefined) oneOf("layout", options.layout, LAYOUTS);
  if (dtype === "string") throw new UsageError("a string tensor is not a picture");
  const { count, channelCount, height, width, layout } = pictureShape(tensor.dims, options.layout);
  const { index = 0, range } = options;
  if (numberIn("index", index, { from: 0, whole: true }) >= count) {
    throw new UsageError(`index ${index}: the tensor holds ${count} picture${count === 1 ? "" : "s"}`);
  }
  const size = channelCount * height * width;
  const codec = codecOf(dtype);
  const number = (at: number): number => {
    const element = data[index * size + at];
    return codec?.decode(element as number) ?? Number(element);
  };
  const order =
    channelCount === 1
      ? [0]
      : channelOrder(options.channels === "gray" ? "RGB" : (options.channels ?? "RGB"));
  const undo = range === undefined ? denormalizer(dtype, order.length, options) : ranger(range, size, number);
  const image = createImage(width, height);
  for (const [c, channel] of order.entries()) {
    for (let pixel = 0; pixel < height * width; pixel++) {
      const at = layout === "NCHW" ? c * height * width + pixel : pixel * channelCount + c;
      image.data[pixel * 4 + channel] = undo(number(at), c);
    }
  }
  for (let at = 0; at < image.data.length; at += 4) {
    if (channelCount === 1) image.data.fill(image.data[at] as number, at + 1, at + 3);
    image.data[at + 3] = 255;
  }
  return image;
}

function fitted(image: ImageLike, options: ToTensorOptions): ImageLike {
  checkImage(image);
  const { width = image.width, height = image.height, background } = options;
  checkSize("width", width);
  checkSize("height", height);
  const flat = flatten(image, background);
  return width === image.width && height === image.height ? flat : resize(flat, width, height, options);
}

function channelOrder(channels: Channels): readonly number[] {
  return ORDERS[oneOf("channels", channels, ["RGB", "BGR", "gray"])];
}

/** ITU-R 601 in Pillow's fixed point, the same bytes as `convert("L")`. */
const luma = (data: ImageLike["data"], at: number): number =>
  ((data[at] as number) * 19595 +
    (data[at + 1] as number) * 38470 +
    (data[at + 2] as number) * 7471 +
    0x8000) >>
  16;

function perChannel(
  name: string,
  value: number | readonly number[],
  count: number,
  channels: string,
): number[] {
  const values =
    typeof value === "number" ? new Array<number>(count).fill(value) : Array.from(listOf(name, value));
  if (values.length !== count) {
    throw new UsageError(
      `${name} has ${values.length} values for ${count} channel${count === 1 ? "" : "s"} (${channels})`,
    );
  }
  for (const one of values) {
    if (!Number.isFinite(one) || (name === "std" && one === 0))
      throw new UsageError(`${name} ${shown(values)} is not usable`);
  }
  return values;
}

function coefficients(dtype: string, count: number, options: Normalization) {
  const { scale = dtype === "uint8" ? 1 : 1 / 255, mean = 0, std = 1, channels = "RGB" } = options;
  if (!Number.isFinite(scale) || scale === 0) throw new UsageError(`scale ${shown(scale)} is not usable`);
  return {
    scale,
    means: perChannel("mean", mean, count, channels),
    stds: perChannel("std", std, count, channels),
  };
}

/** What each of the 256 bytes becomes, per channel, as the dtype holds it. */
function byteTables(dtype: "float32" | "float16" | "uint8", count: number, options: Normalization) {
  const { scale, means, stds } = coefficients(dtype, count, options);
  return means.map((mean, c) => {
    const table = createData(dtype, 256);
    for (let byte = 0; byte < 256; byte++) {
      const number = (byte * scale - mean) / (stds[c] as number);
      if (dtype === "float32") table[byte] = number;
      else if (dtype === "float16") table[byte] = numberToFloat16(number);
      else table[byte] = Math.min(255, Math.max(0, Math.round(number)));
    }
    return table;
  });
}

type Undo = (number: number, channel: number) => number;

function denormalizer(dtype: string, count: number, options: Normalization): Undo {
  const { scale, means, stds } = coefficients(dtype, count, options);
  return (number, c) => (number * (stds[c] as number) + (means[c] as number)) / scale;
}

function ranger(
  range: readonly [number, number] | "auto",
  size: number,
  number: (at: number) => number,
): Undo {
  let [low, high] = range === "auto" ? [Infinity, -Infinity] : (arrayOf("range", range) as [number, number]);
  if (range === "auto") {
    for (let at = 0; at < size; at++) {
      const value = number(at);
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!(high > low)) return () => 0;
  }
  if (!(Number.isFinite(low) && Number.isFinite(high)) || high === low)
    throw new UsageError(`range ${shown(range)} spans nothing`);
  return (value) => ((value - low) * 255) / (high - low);
}

const isChannels = (dim: number | undefined): boolean => dim === 1 || dim === 3;

function pictureShape(dims: readonly number[], wanted: ImageLayout | undefined) {
  const [count, ...rest] = dims.length === 4 ? dims : [1, ...dims];
  const [a, b, c] = (rest.length === 2 ? [1, ...rest] : rest) as [number, number, number];
  const layout = rest.length === 2 ? "NCHW" : (wanted ?? (isChannels(a) || !isChannels(c) ? "NCHW" : "NHWC"));
  const [channelCount, height, width] = layout === "NCHW" ? [a, b, c] : [c, a, b];
  if (rest.length < 2 || rest.length > 3 || !isChannels(channelCount)) {
    throw new ShapeError(
      undefined,
      `a picture is [N, C, H, W] or [N, H, W, C] with 1 or 3 channels, got [${dims}]`,
    );
  }
  checkSize("width", width);
  checkSize("height", height);
  return { count: count as number, channelCount, height, width, layout };
}
