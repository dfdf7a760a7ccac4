import { arrayOf, COUNT, numberIn } from "../arguments.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { assertFits } from "../memory-limit.ts";

/**
 * RGBA pixels, 4 bytes each, row after row from the top left: an ImageData, what pngjs and jpeg-js return, or any
 * object of that form. Alpha is not premultiplied.
 */
export interface ImageLike {
  /** Four bytes a pixel (red, green, blue, alpha), row by row from the top. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** The pixels that this library makes; `new ImageData(image.data, image.width)` takes them as they are. */
export interface RgbaImage {
  /** Four bytes a pixel, row by row from the top. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** Red, green and blue, 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/**
 * How a picture was laid into another: `x in the new picture = x in the old * scaleX + offsetX`, and so for y.
 * In pixels, with (0, 0) at the outer corner of the first pixel, which is how detectors count box corners.
 */
export interface Placement {
  /** Pixels of the input for one of the image, across. */
  readonly scaleX: number;
  /** Pixels of the input for one of the image, down. */
  readonly scaleY: number;
  /** Where the image's left edge lies in the input, in its pixels. */
  readonly offsetX: number;
  /** Where the image's upper edge lies in the input, in its pixels. */
  readonly offsetY: number;
}

/** Pictures of more bytes are refused: 16384×16384 pixels. */
export const MAX_IMAGE_BYTES = 2 ** 30;

export function checkSize(name: string, size: number): void {
  numberIn(name, size, COUNT);
}

/** Throws a MemoryError for a picture too large to be made. */
export const checkPixels = (width: number, height: number): void =>
  assertFits(`a picture of ${width}×${height} pixels`, width * height * 4, MAX_IMAGE_BYTES);

/** A colour of three numbers, which may be left out. */
export function checkColor(name: string, color: Color | undefined): void {
  if (color === undefined) return;
  if (arrayOf(name, color).length !== 3)
    throw new UsageError(`${name} must be [red, green, blue], got ${color.length} numbers`);
  for (const part of color) numberIn(name, part);
}

/** Throws unless the value is RGBA pixels whose data has width × height × 4 bytes. */
export function checkImage(image: ImageLike): void {
  const bytes = image?.data;
  if (!(bytes instanceof Uint8Array || bytes instanceof Uint8ClampedArray)) {
    throw new UsageError(
      "expected RGBA pixels { data: Uint8Array or Uint8ClampedArray, width, height }; " +
        "draw an <img>, <video> or ImageBitmap on a canvas and take getImageData()",
    );
  }
  const { width, height } = image;
  checkSize("image width", width);
  checkSize("image height", height);
  if (bytes.length !== width * height * 4) {
    const hint = bytes.length === width * height * 3 ? " (that is RGB; RGBA is needed)" : "";
    throw new ShapeError(
      undefined,
      `a ${width}×${height} RGBA image has ${width * height * 4} bytes, data has ${bytes.length}${hint}`,
    );
  }
}

export function createImage(width: number, height: number): RgbaImage {
  checkPixels(width, height);
  return { data: new Uint8ClampedArray(width * height * 4), width, height };
}

/** True where every pixel's alpha is 255. */
export function isOpaque({ data }: ImageLike): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

/**
 * The picture without transparency: laid over `background`, or, without one, with its alpha just dropped (what
 * Pillow's `convert("RGB")` does). An opaque picture comes back itself.
 */
export function flatten(image: ImageLike, background?: Color): ImageLike {
  checkImage(image);
  checkColor("background", background);
  if (isOpaque(image)) return image;
  const flat = createImage(image.width, image.height);
  for (let at = 0; at < image.data.length; at += 4) {
    const alpha = background === undefined ? 1 : (image.data[at + 3] as number) / 255;
    for (let c = 0; c < 3; c++) {
      flat.data[at + c] = (image.data[at + c] as number) * alpha + (background?.[c] ?? 0) * (1 - alpha);
    }
    flat.data[at + 3] = 255;
  }
  return flat;
}

/** A part of the picture, `width`×`height` pixels from (`x`, `y`) on, as a copy. It must lie inside. */
export function crop(image: ImageLike, x: number, y: number, width: number, height: number): RgbaImage {
  checkImage(image);
  checkSize("crop width", width);
  checkSize("crop height", height);
  numberIn("crop x", x);
  numberIn("crop y", y);
  const inside = x >= 0 && y >= 0 && x + width <= image.width && y + height <= image.height;
  if (!Number.isInteger(x) || !Number.isInteger(y) || !inside) {
    throw new UsageError(
      `a ${width}×${height} crop at (${x}, ${y}) does not lie in the ${image.width}×${image.height} image`,
    );
  }
  const part = createImage(width, height);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * image.width + x) * 4;
    part.data.set(image.data.subarray(from, from + width * 4), row * width * 4);
  }
  return part;
}

/**
 * The middle `width`×`height` pixels; an odd margin is split as torchvision's CenterCrop does (halves to even).
 * It must not be larger than the image.
 */
export function centerCrop(image: ImageLike, width: number, height: number): RgbaImage {
  checkImage(image);
  checkSize("crop width", width);
  checkSize("crop height", height);
  return crop(image, centerOffset(image.width, width), centerOffset(image.height, height), width, height);
}

/** Where a centred window of `size` begins in a line of `whole`: the half rounded to even. */
export function centerOffset(whole: number, size: number): number {
  const margin = whole - size;
  const half = Math.floor(margin / 2);
  return margin % 2 === 0 || half % 2 === 0 ? half : half + 1;
}
