import { inflateSync } from "node:zlib";

/** What the IHDR chunk of a PNG says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly bitsPerPixel: number;
  readonly interlaced: boolean;
}

/** Samples a pixel by colour type: grey, RGB, palette, grey and alpha, RGBA. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const FIRST_CHUNK = 8;

/** The header of a PNG; undefined where the file does not begin with one (PNG, third edition, 11.2.1). */
export function pngHeader(bytes: Uint8Array): PngHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FIRST_CHUNK + 25 || chunkType(bytes, FIRST_CHUNK) !== "IHDR") return undefined;
  const at = FIRST_CHUNK + 8;
  const depth = view.getUint8(at + 8);
  return {
    width: view.getUint32(at),
    height: view.getUint32(at + 4),
    depth,
    bitsPerPixel: depth * (SAMPLES[view.getUint8(at + 9)] ?? 4),
    interlaced: view.getUint8(at + 12) !== 0,
  };
}

/** The most bytes that decoding holds at once: rows as stored and unfiltered, samples, and RGBA. */
export function pngDecodingBytes({ width, height, depth, bitsPerPixel }: PngHeader): number {
  const stored = height * (1 + Math.ceil((width * bitsPerPixel) / 8));
  return 2 * stored + width * height * 4 * (depth > 8 ? 3 : 1);
}

/** Throws where the data of an interlaced PNG inflate to more than its header allows: pngjs bounds only the others. */
export function checkInterlacedData(bytes: Uint8Array, header: PngHeader): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = FIRST_CHUNK; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (chunkType(bytes, at) === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  inflateSync(Buffer.concat(parts), { maxOutputLength: interlacedBytes(header) });
}

/** The passes of Adam7: the first column and row, and the steps. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function interlacedBytes({ width, height, bitsPerPixel }: PngHeader): number {
  let total = 0;
  for (const [x, y, stepX, stepY] of ADAM7) {
    const columns = Math.max(0, Math.ceil((width - x) / stepX));
    const rows = Math.max(0, Math.ceil((height - y) / stepY));
    if (columns > 0) total += rows * (1 + Math.ceil((columns * bitsPerPixel) / 8));
  }
  return total;
}

const chunkType = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(...bytes.subarray(at + 4, at + 8));
