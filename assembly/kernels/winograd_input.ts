// B'dB of F(4x4, 3x3) (winograd.ts): a patch of 6x6 pixels to its 36 products' factors, four channels at a time.
import { SpatialShape } from "../shapes";
import { madd } from "../simd";
import { A1, A2, B1, B2, nmadd, SUM2 } from "./winograd_points";
import { ZEROS } from "./winograd_zeros";

/** Channels transformed in one go. */
const CHUNK: i32 = 64;
const CELL: usize = CHUNK << 2;
/** What one patch needs between the two passes: [6 rows][6 columns][CHUNK]. */
export const PATCH_BYTES: usize = 36 * CELL;

/** One dimension of the transform: six runs of `bytes` (a multiple of 16) to six, `step` apart. */
function pass(
  x0: usize, x1: usize, x2: usize, x3: usize, x4: usize, x5: usize, to: usize, step: usize, bytes: usize,
): void {
  const a1 = f32x4.splat(A1);
  const a2 = f32x4.splat(A2);
  const b1 = f32x4.splat(B1);
  const b2 = f32x4.splat(B2);
  const sum2 = f32x4.splat(SUM2);
  const product2 = f32x4.splat(A2 * B2);
  const end = to + bytes;
  while (to < end) {
    const d1 = v128.load(x1);
    const d2 = v128.load(x2);
    const d3 = v128.load(x3);
    const d4 = v128.load(x4);
    let at = to;
    v128.store(at, madd(nmadd(d4, d2, sum2), v128.load(x0), product2));
    const evenA = nmadd(d4, d2, b2);
    const oddA = nmadd(d3, d1, b2);
    at += step;
    v128.store(at, madd(evenA, oddA, a1));
    at += step;
    v128.store(at, nmadd(evenA, oddA, a1));
    const evenB = nmadd(d4, d2, a2);
    const oddB = nmadd(d3, d1, a2);
    at += step;
    v128.store(at, madd(evenB, oddB, b1));
    at += step;
    v128.store(at, nmadd(evenB, oddB, b1));
    at += step;
    v128.store(at, madd(nmadd(v128.load(x5), d3, sum2), d1, product2));
    x0 += 16;
    x1 += 16;
    x2 += 16;
    x3 += 16;
    x4 += 16;
    x5 += 16;
    to += 16;
  }
}

/**
 * The patch whose first pixel is (iy, ix) of the image at `x`, zeros where it lies outside, to v[36][...][inC], `plane`
 * bytes from one of the 36 to the next. Channels are rounded up to a multiple of 4.
 */
export function inputTile(s: SpatialShape, x: usize, iy: i32, ix: i32, patch: usize, v: usize, plane: usize): void {
  const pixelBytes = <usize>s.inStride << 2;
  const rowBytes = <usize>s.inW * pixelBytes;
  const inside0 = <u32>iy < <u32>s.inH;
  const inside1 = <u32>(iy + 1) < <u32>s.inH;
  const inside2 = <u32>(iy + 2) < <u32>s.inH;
  const inside3 = <u32>(iy + 3) < <u32>s.inH;
  const inside4 = <u32>(iy + 4) < <u32>s.inH;
  const inside5 = <u32>(iy + 5) < <u32>s.inH;
  let from = x + <usize>(iy * s.inW + ix) * pixelBytes;
  for (let left = (s.inC + 3) & ~3; left > 0; left -= CHUNK) {
    const bytes = <usize>min(left, CHUNK) << 2;
    let pixel = from;
    let to = patch;
    for (let column = ix; column < ix + 6; column++) {
      const inside = <u32>column < <u32>s.inW;
      pass(
        inside && inside0 ? pixel : ZEROS,
        inside && inside1 ? pixel + rowBytes : ZEROS,
        inside && inside2 ? pixel + 2 * rowBytes : ZEROS,
        inside && inside3 ? pixel + 3 * rowBytes : ZEROS,
        inside && inside4 ? pixel + 4 * rowBytes : ZEROS,
        inside && inside5 ? pixel + 5 * rowBytes : ZEROS,
        to,
        6 * CELL,
        bytes,
      );
      pixel += pixelBytes;
      to += CELL;
    }
    to = v;
    for (let row = patch; row < patch + PATCH_BYTES; row += 6 * CELL) {
      pass(row, row + CELL, row + 2 * CELL, row + 3 * CELL, row + 4 * CELL, row + 5 * CELL, to, plane, bytes);
      to += 6 * plane;
    }
    from += CELL;
    v += CELL;
  }
}
