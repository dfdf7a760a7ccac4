import type { ImageLike } from "../vision/pixels.ts";

/** A marker segment of a JPEG; its payload lies from `start` to `end`, which may be beyond a truncated file's end. */
export interface JpegSegment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}

export const START_OF_SCAN = 0xda;
const APP1 = 0xe1;
const END_OF_IMAGE = 0xd9;

/** The segments of a JPEG up to and with its first scan header (ITU-T T.81, annex B). */
export function jpegSegments(bytes: Uint8Array): JpegSegment[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: JpegSegment[] = [];
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at++; // a fill byte
      continue;
    }
    if (marker === END_OF_IMAGE) break;
    const end = at + 2 + view.getUint16(at + 2);
    segments.push({ marker, start: at + 4, end });
    if (marker === START_OF_SCAN) break;
    at = end;
  }
  return segments;
}

/**
 * The EXIF orientation of a JPEG, 1 to 8; 1 (upright) where there is none or it cannot be read.
 *
 * Source: CIPA DC-008 (Exif 2.32), tag 0x0112 of IFD0 in the APP1 segment.
 */
export function jpegOrientation(bytes: Uint8Array): number {
  const magic = "Exif\0\0";
  for (const { marker, start, end } of jpegSegments(bytes)) {
    const isExif =
      marker === APP1 && String.fromCharCode(...bytes.subarray(start, start + magic.length)) === magic;
    if (isExif) return tiffOrientation(bytes.subarray(start + magic.length, end));
  }
  return 1;
}

function tiffOrientation(tiff: Uint8Array): number {
  if (tiff.length < 8) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const count = view.getUint16(directory, little);
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > tiff.length) return 1;
    if (view.getUint16(entry, little) !== 0x0112) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/**
 * The picture turned and mirrored as an EXIF orientation says: what was stored comes out as it should be seen.
 * From 5 on, width and height change places.
 */
export function oriented(image: ImageLike, orientation: number): ImageLike {
  if (orientation === 1) return image;
  const turned = orientation >= 5;
  const [width, height] = turned ? [image.height, image.width] : [image.width, image.height];
  const data = new Uint8Array(image.data.length);
  // In the stored picture: does x count from the right, does y count from the bottom?
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [across, down] = turned ? [y, x] : [x, y];
      const fromX = fromRight ? image.width - 1 - across : across;
      const fromY = fromBottom ? image.height - 1 - down : down;
      const from = (fromY * image.width + fromX) * 4;
      const to = (y * width + x) * 4;
      for (let c = 0; c < 4; c++) data[to + c] = image.data[from + c] as number;
    }
  }
  return { data, width, height };
}
