import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { ResourceError } from "../errors.ts";
import type { ImageLike } from "../vision/pixels.ts";
import { readBytes, reasonOf, writeBytes } from "./files.ts";
import { jpegOrientation, jpegSegments, oriented, START_OF_SCAN } from "./jpeg-header.ts";
import { checkInterlacedData, type PngHeader, pngDecodingBytes, pngHeader } from "./png-header.ts";

/** The largest pictures that are decoded, in millions of pixels, and what decoding one may hold. */
const MAX_MEGAPIXELS = 250;
const MAX_DECODING_MIB = 4096;

/** RGBA pixels of a PNG or JPEG file, upright. Throws a ResourceError that names the path and the reason. */
export async function readImageFile(path: string): Promise<ImageLike> {
  return decodeImage(await readBytes(path), path);
}

/**
 * RGBA pixels of a PNG (any colour type and depth, brought to 8 bits) or a JPEG (baseline or progressive; turned as
 * its EXIF orientation says), told apart by their first bytes. `name` stands in errors.
 */
export function decodeImage(bytes: Uint8Array, name: string): ImageLike {
  const kind = imageKind(bytes);
  if (kind === "PNG") return decodePng(bytes, name);
  if (kind === "JPEG") return decodeJpeg(bytes, name);
  const found =
    bytes.length === 0 ? "is empty" : kind === undefined ? "is not an image" : `is a ${kind} file`;
  throw new ResourceError(`${name}: ${found}; PNG and JPEG can be read`);
}

/** The picture as the bytes of an 8-bit RGBA PNG. */
export function encodePng({ data, width, height }: ImageLike): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return PNG.sync.write(png);
}

/** Writes the picture as an 8-bit RGBA PNG. */
export async function writePngFile(path: string, image: ImageLike): Promise<void> {
  await writeBytes(path, encodePng(image));
}

const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";

/** The format by magic bytes; undefined where none of the common ones fits. */
function imageKind(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  if (head.startsWith(PNG_SIGNATURE)) return "PNG";
  if (head.startsWith("\xff\xd8\xff")) return "JPEG";
  if (head.startsWith("GIF8")) return "GIF";
  if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) return "WebP";
  if (head.startsWith("II*\0") || head.startsWith("MM\0*")) return "TIFF";
  if (head.startsWith("avif", 8)) return "AVIF";
  if (head.startsWith("ftyphei", 4) || head.startsWith("ftypmif1", 4)) return "HEIC";
  if (head.startsWith("BM") && bytes[6] === 0 && bytes[7] === 0) return "BMP";
  return undefined;
}

const broken = (kind: string, name: string, cause: unknown): ResourceError =>
  new ResourceError(`${name}: broken or truncated ${kind}: ${reasonOf(cause)}`, { cause });

function decodePng(bytes: Uint8Array, name: string): ImageLike {
  const file = bytes.subarray(0, pngEnd(bytes, name));
  const header = pngHeader(file);
  if (header === undefined) throw broken("PNG", name, "it does not begin with a header");
  checkSize(header, name);
  try {
    if (header.interlaced) checkInterlacedData(file, header);
    const { data, width, height } = PNG.sync.read(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
    return { data, width, height };
  } catch (cause) {
    throw broken("PNG", name, cause);
  }
}

function checkSize(header: PngHeader, name: string): void {
  const { width, height } = header;
  if (width * height > MAX_MEGAPIXELS * 1e6 || pngDecodingBytes(header) > MAX_DECODING_MIB * 2 ** 20)
    throw new ResourceError(
      `${name}: ${width}×${height} pixels are too many: at most ${MAX_MEGAPIXELS} megapixels, and ${MAX_DECODING_MIB} MiB to decode them, are taken`,
    );
}

/** Where the IEND chunk ends: pngjs refuses the trailing bytes that some programs leave behind it. */
function pngEnd(bytes: Uint8Array, name: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = PNG_SIGNATURE.length;
  while (at + 12 <= bytes.length) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    // pngjs would take the last one's word.
    if (type === "IHDR" && at > PNG_SIGNATURE.length) throw broken("PNG", name, "it has a second header");
    at += 12 + view.getUint32(at);
    if (type === "IEND" && at <= bytes.length) return at;
  }
  throw broken("PNG", name, `it ends within a chunk, after ${bytes.length} bytes`);
}

function decodeJpeg(bytes: Uint8Array, name: string): ImageLike {
  // The decoder makes a blank picture of a file that ends before its first scan.
  const scan = jpegSegments(bytes).at(-1);
  if (scan?.marker !== START_OF_SCAN || scan.end > bytes.length)
    throw broken("JPEG", name, "it ends before the picture");
  const orientation = jpegOrientation(bytes);
  try {
    const limits = { maxResolutionInMP: MAX_MEGAPIXELS, maxMemoryUsageInMB: MAX_DECODING_MIB };
    const { data, width, height } = jpeg.decode(ended(bytes), { useTArray: true, ...limits });
    return oriented({ data, width, height }, orientation);
  } catch (cause) {
    throw broken("JPEG", name, cause);
  }
}

/** The bytes with an end marker: some cameras leave it out; in a truncated file it makes the decoder stop and say so. */
function ended(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9) return bytes;
  const copy = new Uint8Array(bytes.length + 2);
  copy.set(bytes);
  copy.set([0xff, 0xd9], bytes.length);
  return copy;
}
