// float32 to 8 bits and back, with one scale and zero point for all, which are read from memory: a dynamic quantisation
// finds them in the step before.
import { shareBegin } from "../simd";
import { flipOf, flippedZero, ROUNDER_BITS, roundBytes, storeBytes } from "./bytes";

/** Columns are shared out by this many where there are too few rows. */
const SHARE_COLS: i32 = 64;

// @ts-ignore: decorator
@inline
function rowShared(rows: i32, cols: i32, parts: i32): bool {
  return rows >= parts * 4 || rows * SHARE_COLS >= cols;
}

// @ts-ignore: decorator
@inline
function rowsBegin(rows: i32, cols: i32, part: i32, parts: i32): i32 {
  if (rowShared(rows, cols, parts)) return shareBegin(rows, part, parts);
  return 0;
}

// @ts-ignore: decorator
@inline
function rowsEnd(rows: i32, cols: i32, part: i32, parts: i32): i32 {
  if (rowShared(rows, cols, parts)) return shareBegin(rows, part + 1, parts);
  return rows;
}

// @ts-ignore: decorator
@inline
function colsBegin(rows: i32, cols: i32, part: i32, parts: i32): i32 {
  if (rowShared(rows, cols, parts)) return 0;
  return min(cols, shareBegin((cols + SHARE_COLS - 1) / SHARE_COLS, part, parts) * SHARE_COLS);
}

/** NaN gives `low`, as in onnxruntime on x86. */
// @ts-ignore: decorator
@inline
function scaledDown(x: usize, scale: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(low, f32x4.div(v128.load(x), scale)), high);
}

function quantizeRun(x: usize, y: usize, count: i32, signed: i32, scale: f32, zero: i32): void {
  const scales = f32x4.splat(scale);
  const low = f32x4.convert_i32x4_s(i32x4.splat(-128 - zero));
  const high = f32x4.convert_i32x4_s(i32x4.splat(127 - zero));
  const offset = i32x4.splat(ROUNDER_BITS - zero);
  const flip = flipOf(signed);
  for (; count > 0; count -= 16) {
    const a = scaledDown(x, scales, low, high);
    const b = scaledDown(x + 16, scales, low, high);
    const c = scaledDown(x + 32, scales, low, high);
    const d = scaledDown(x + 48, scales, low, high);
    storeBytes(y, v128.xor(roundBytes(a, b, c, d, offset), flip), count);
    x += 64;
    y += 16;
  }
}

/** y = saturate(round(x / scale) + zero), halves to even; `scale` and `zero` (0: none) are addresses. */
export function f32_quantize(
  x: usize, ldx: i32, y: usize, ldy: i32, rows: i32, cols: i32, signed: i32, scale: usize, zero: usize, part: i32, parts: i32,
): void {
  assert(ldx >= cols && ldy >= cols && part >= 0 && part < parts);
  const from = colsBegin(rows, cols, part, parts);
  const count = rowShared(rows, cols, parts) ? cols : colsBegin(rows, cols, part + 1, parts) - from;
  const last = rowsEnd(rows, cols, part, parts);
  for (let row = rowsBegin(rows, cols, part, parts); row < last; row++) {
    const source = x + ((<usize>row * ldx + from) << 2);
    quantizeRun(source, y + <usize>row * ldy + from, count, signed, load<f32>(scale), flippedZero(zero, signed));
  }
}

function dequantizeRun(x: usize, y: usize, count: i32, signed: i32, scale: f32, zero: i32): void {
  const scales = f32x4.splat(scale);
  const zeros = i16x8.splat(<i16>zero);
  const flip = flipOf(signed);
  for (; count >= 8; count -= 8) {
    const words = i16x8.sub(i16x8.extend_low_i8x16_s(v128.xor(v128.load64_zero(x), flip)), zeros);
    v128.store(y, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(words)), scales));
    v128.store(y, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(words)), scales), 16);
    x += 8;
    y += 32;
  }
  for (; count > 0; count--) {
    const value = signed ? <i32>load<i8>(x) : <i32>load<u8>(x) - 128;
    store<f32>(y, <f32>(value - zero) * scale);
    x += 1;
    y += 4;
  }
}

/** y = (x - zero) * scale. */
export function i8_dequantize(
  x: usize, ldx: i32, y: usize, ldy: i32, rows: i32, cols: i32, signed: i32, scale: usize, zero: usize, part: i32, parts: i32,
): void {
  assert(ldx >= cols && ldy >= cols && part >= 0 && part < parts);
  const from = colsBegin(rows, cols, part, parts);
  const count = rowShared(rows, cols, parts) ? cols : colsBegin(rows, cols, part + 1, parts) - from;
  const last = rowsEnd(rows, cols, part, parts);
  for (let row = rowsBegin(rows, cols, part, parts); row < last; row++) {
    const target = y + ((<usize>row * ldy + from) << 2);
    dequantizeRun(x + <usize>row * ldx + from, target, count, signed, load<f32>(scale), flippedZero(zero, signed));
  }
}

/** Least and largest of a run and 0, to the pair at `range`, which is widened. */
function widenRange(x: usize, count: i32, range: usize): void {
  let low = f32x4.splat(load<f32>(range));
  let high = f32x4.splat(load<f32>(range, 4));
  let low1 = low;
  let high1 = high;
  for (; count >= 8; count -= 8) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    low = f32x4.pmin(low, a);
    high = f32x4.pmax(high, a);
    low1 = f32x4.pmin(low1, b);
    high1 = f32x4.pmax(high1, b);
    x += 32;
  }
  low = f32x4.pmin(low, low1);
  high = f32x4.pmax(high, high1);
  for (; count > 0; count--) {
    const a = v128.load32_splat(x);
    low = f32x4.pmin(low, a);
    high = f32x4.pmax(high, a);
    x += 4;
  }
  low = f32x4.pmin(low, i32x4.shuffle(low, low, 2, 3, 0, 1));
  high = f32x4.pmax(high, i32x4.shuffle(high, high, 2, 3, 0, 1));
  store<f32>(range, min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)));
  store<f32>(range, max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)), 4);
}

/** The part's least and largest value, 0 counted in, as two floats at partial + 8 * part. */
export function f32_range(x: usize, ldx: i32, rows: i32, cols: i32, partial: usize, part: i32, parts: i32): void {
  assert(ldx >= cols && part >= 0 && part < parts);
  const range = partial + (<usize>part << 3);
  store<u64>(range, 0);
  const from = colsBegin(rows, cols, part, parts);
  const count = rowShared(rows, cols, parts) ? cols : colsBegin(rows, cols, part + 1, parts) - from;
  const last = rowsEnd(rows, cols, part, parts);
  for (let row = rowsBegin(rows, cols, part, parts); row < last; row++) {
    widenRange(x + ((<usize>row * ldx + from) << 2), count, range);
  }
}

/** uint8 by the range that `f32_range` found on as many parts; part 0 writes the scale and the zero point. */
export function f32_quantize_dynamic(
  x: usize, ldx: i32, y: usize, ldy: i32, rows: i32, cols: i32, partial: usize, scale: usize, zero: usize, part: i32, parts: i32,
): void {
  assert(ldx >= cols && ldy >= cols && part >= 0 && part < parts);
  let low: f32 = 0;
  let high: f32 = 0;
  for (let i = 0; i < parts; i++) {
    low = min(low, load<f32>(partial + (<usize>i << 3)));
    high = max(high, load<f32>(partial + (<usize>i << 3), 4));
  }
  const factor: f32 = high == low ? 1 : (high - low) / 255;
  const point = <i32>nearest<f32>(max<f32>(0, min<f32>(255, 0 - low / factor)));
  if (part == 0) {
    store<f32>(scale, factor);
    store<u8>(zero, <u8>point);
  }
  const from = colsBegin(rows, cols, part, parts);
  const count = rowShared(rows, cols, parts) ? cols : colsBegin(rows, cols, part + 1, parts) - from;
  const last = rowsEnd(rows, cols, part, parts);
  for (let row = rowsBegin(rows, cols, part, parts); row < last; row++) {
    quantizeRun(x + ((<usize>row * ldx + from) << 2), y + <usize>row * ldy + from, count, 0, factor, point - 128);
  }
}
