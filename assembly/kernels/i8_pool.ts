// MaxPool of 8-bit images, channels-last.
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { flipOf, storeBytes } from "./bytes";

/** One output pixel: the largest of tapsY x tapsX pixels from x on. */
// @ts-ignore: decorator
@inline
function maxPixel(
  x: usize, rowStep: usize, tapsY: i32, tapStep: usize, tapsX: i32, y: usize, channels: i32, flip: v128,
): void {
  for (; channels > 0; channels -= 16) {
    let most = i8x16.splat(-128);
    let row = x;
    for (let ky = 0; ky < tapsY; ky++) {
      let tap = row;
      for (let kx = 0; kx < tapsX; kx++) {
        most = i8x16.max_s(most, v128.xor(v128.load(tap), flip));
        tap += tapStep;
      }
      row += rowStep;
    }
    storeBytes(y, v128.xor(most, flip), channels);
    x += 16;
    y += 16;
  }
}

/** The first tap at or after 0, counted from `start` in steps of `dilation`. */
// @ts-ignore: decorator
@inline
function firstTap(start: i32, dilation: i32): i32 {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** Padding never wins; `signed` says whether the bytes are int8 or uint8. */
export function i8_max_pool(shape: SpatialShape, x: usize, y: usize, signed: i32, part: i32, parts: i32): void {
  const s = shape;
  assert(s.inC == s.outC && part >= 0 && part < parts);
  const pixel = <usize>s.inStride;
  const last = shareBegin(s.batch * s.outH, part + 1, parts);
  for (let i = shareBegin(s.batch * s.outH, part, parts); i < last; i++) {
    const n = i / s.outH;
    const iy = i % s.outH * s.strideH - s.padTop;
    const ky = firstTap(iy, s.dilH);
    const tapsY = min(s.kH, (s.inH - 1 - iy) / s.dilH + 1) - ky;
    let to = y + <usize>i * s.outW * s.outStride;
    for (let ox = 0; ox < s.outW; ox++) {
      const ix = ox * s.strideW - s.padLeft;
      const kx = firstTap(ix, s.dilW);
      const tapsX = ix < s.inW ? min(s.kW, (s.inW - 1 - ix) / s.dilW + 1) - kx : 0;
      const from = x + <usize>((n * s.inH + iy + ky * s.dilH) * s.inW + ix + kx * s.dilW) * pixel;
      const row = pixel * s.inW * s.dilH;
      maxPixel(from, row, iy < s.inH ? tapsY : 0, pixel * s.dilW, tapsX, to, s.inC, flipOf(signed));
      to += s.outStride;
    }
  }
}
