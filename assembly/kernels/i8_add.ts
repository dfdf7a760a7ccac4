// The sum of two 8-bit tensors with scales of their own, as dequantising, adding and quantising would give it.
import { shareBegin } from "../simd";
import { flipOf, ROUNDER_BITS, roundBytes, storeBytes } from "./bytes";

/** (x - zero) * scale of four of eight widened values. */
// @ts-ignore: decorator
@inline
function lowReal(words: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(words)), scale);
}

// @ts-ignore: decorator
@inline
function highReal(words: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(words)), scale);
}

// @ts-ignore: decorator
@inline
function finish(a: v128, b: v128, scale: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.div(f32x4.add(a, b), scale), low), high);
}

function addRun(
  a: usize, b: usize, y: usize, count: i32, flipA: v128, flipB: v128, flipY: v128, scaleA: v128, zeroA: v128, scaleB: v128,
  zeroB: v128, scaleY: v128, offset: v128, low: v128, high: v128,
): void {
  for (; count > 0; count -= 16) {
    const as = v128.xor(v128.load(a), flipA);
    const bs = v128.xor(v128.load(b), flipB);
    const a0 = i16x8.sub(i16x8.extend_low_i8x16_s(as), zeroA);
    const a1 = i16x8.sub(i16x8.extend_high_i8x16_s(as), zeroA);
    const b0 = i16x8.sub(i16x8.extend_low_i8x16_s(bs), zeroB);
    const b1 = i16x8.sub(i16x8.extend_high_i8x16_s(bs), zeroB);
    const sums = roundBytes(
      finish(lowReal(a0, scaleA), lowReal(b0, scaleB), scaleY, low, high),
      finish(highReal(a0, scaleA), highReal(b0, scaleB), scaleY, low, high),
      finish(lowReal(a1, scaleA), lowReal(b1, scaleB), scaleY, low, high),
      finish(highReal(a1, scaleA), highReal(b1, scaleB), scaleY, low, high),
      offset,
    );
    storeBytes(y, v128.xor(sums, flipY), count);
    a += 16;
    b += 16;
    y += 16;
  }
}

/**
 * y = saturate(round(clamp(((a - zeroA)*scaleA + (b - zeroB)*scaleB) / scaleY, low, high)) + zeroY); `signedX` says whether
 * X is int8 or uint8. [low, high] must lie in y's range less its zero point.
 */
export function i8_add(
  a: usize, lda: i32, signedA: i32, zeroA: i32, scaleA: f32, b: usize, ldb: i32, signedB: i32, zeroB: i32, scaleB: f32,
  y: usize, ldy: i32, signedY: i32, zeroY: i32, scaleY: f32, rows: i32, cols: i32, low: f32, high: f32, part: i32, parts: i32,
): void {
  assert(lda >= cols && ldb >= cols && ldy >= cols && part >= 0 && part < parts);
  let first = 0;
  let last = rows;
  let begin = 0;
  let end = cols;
  if (rows >= cols) {
    first = shareBegin(rows, part, parts);
    last = shareBegin(rows, part + 1, parts);
  } else {
    const blocks = (cols + 63) >> 6;
    begin = shareBegin(blocks, part, parts) << 6;
    end = min(shareBegin(blocks, part + 1, parts) << 6, cols);
  }
  for (let row = first; row < last; row++) {
    addRun(
      a + <usize>row * lda + begin, b + <usize>row * ldb + begin, y + <usize>row * ldy + begin, end - begin,
      flipOf(signedA), flipOf(signedB), flipOf(signedY),
      f32x4.splat(scaleA), i16x8.splat(<i16>(signedA ? zeroA : zeroA - 128)),
      f32x4.splat(scaleB), i16x8.splat(<i16>(signedB ? zeroB : zeroB - 128)),
      f32x4.splat(scaleY), i32x4.splat(ROUNDER_BITS - (signedY ? zeroY : zeroY - 128)), f32x4.splat(low), f32x4.splat(high),
    );
  }
}
