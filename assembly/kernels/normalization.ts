import { Unary } from "../codes";
import { clamp, madd, shareBegin, splatLoad, storeLanes } from "../simd";
import { clampHigh, clampLow, finishRows } from "./activation";
import { f4 } from "./math";
import { centredSquareRow, sumRow } from "./reduce_rows";
import { unaryRows } from "./unary_rows";

const BLOCK = 64; // pixels that a lane adds up before their sum joins the total
const STRIP = 16; // channels of one share: a cache line
const CHUNK = 2048; // elements after which an activation follows, while they are still in the first cache

/** y = act((x - centre[col])·scale[col] + shift[col]): x·scale + shift would cancel near a mean. x may equal y. */
export function f32_scale_shift(
  x: usize,
  ldx: i32,
  centre: usize,
  scale: usize,
  shift: usize,
  y: usize,
  ldy: i32,
  rows: i32,
  cols: i32,
  activation: Unary,
  alpha: f32,
  beta: f32,
  part: i32,
  parts: i32,
): void {
  assert(ldx >= cols && ldy >= cols && 0 <= part && part < parts);
  const end = shareBegin(rows, part + 1, parts);
  const low = f4(clampLow(activation, alpha));
  const high = f4(clampHigh(activation, beta));
  const chunk = max(1, CHUNK / max(cols, 1));
  for (let row = shareBegin(rows, part, parts); row < end; row += chunk) {
    const count = min(chunk, end - row);
    const target = y + ((<usize>row * ldy) << 2);
    for (let k = 0; k < count; k++) {
      const source = x + ((<usize>(row + k) * ldx) << 2);
      scaleShiftRow(source, centre, scale, shift, low, high, target + ((<usize>k * ldy) << 2), cols);
    }
    finishRows(activation, alpha, beta, target, ldy, count, cols);
  }
}

// @ts-ignore: decorator
@inline
function scaleShiftRow(
  x: usize, centre: usize, scale: usize, shift: usize, low: v128, high: v128, y: usize, cols: i32,
): void {
  for (let offset: usize = 0; cols > 0; cols -= 4) {
    const away = f32x4.sub(v128.load(x + offset), v128.load(centre + offset));
    const v = madd(v128.load(shift + offset), away, v128.load(scale + offset));
    storeLanes(y + offset, clamp(v, low, high), cols);
    offset += 16;
  }
}

/**
 * As `f32_scale_shift` with centre, scale and shift [row % channels], rows contiguous; no centre (0) is 0. x may equal
 * y.
 */
export function f32_scale_shift_rows(
  x: usize,
  centre: usize,
  scale: usize,
  shift: usize,
  y: usize,
  rows: i32,
  cols: i32,
  channels: i32,
  activation: Unary,
  alpha: f32,
  beta: f32,
  part: i32,
  parts: i32,
): void {
  assert(channels > 0 && 0 <= part && part < parts);
  const end = shareBegin(rows, part + 1, parts);
  for (let row = shareBegin(rows, part, parts); row < end; row++) {
    const channel = <usize>(row % channels) << 2;
    const offset = (<usize>row * cols) << 2;
    const target = y + offset;
    const middle = centre ? splatLoad(centre + channel) : f4(0);
    const gain = splatLoad(scale + channel);
    normaliseRow(x + offset, middle, gain, splatLoad(shift + channel), target, cols);
    if (activation != Unary.identity) unaryRows(activation, alpha, beta, target, cols, target, cols, 1, cols);
  }
}

/** y = (x - centre)·gain + bias. */
function normaliseRow(x: usize, centre: v128, gain: v128, bias: v128, y: usize, cols: i32): void {
  for (; cols > 0; cols -= 4) {
    storeLanes(y, madd(bias, f32x4.sub(v128.load(x), centre), gain), cols);
    x += 16;
    y += 16;
  }
}

// @ts-ignore: decorator
@inline
function inverseDeviation(squares: f32, count: i32, epsilon: f32): f32 {
  return 1 / sqrt(squares / <f32>count + epsilon);
}

/**
 * Each row to mean 0 and variance 1, then ·scale[col] + shift[col] where given. Two passes, so that a large
 * mean costs no digits. x may equal y.
 */
export function f32_layer_norm(
  x: usize,
  scale: usize,
  shift: usize,
  y: usize,
  rows: i32,
  cols: i32,
  epsilon: f32,
  part: i32,
  parts: i32,
): void {
  assert(0 <= part && part < parts);
  const end = shareBegin(rows, part + 1, parts);
  for (let row = shareBegin(rows, part, parts); row < end; row++) {
    const source = x + ((<usize>row * cols) << 2);
    const target = y + ((<usize>row * cols) << 2);
    const mean = sumRow(source, cols) / <f32>cols;
    const factor = f4(inverseDeviation(centredSquareRow(source, cols, mean), cols, epsilon));
    const centre = f4(mean);
    let offset: usize = 0;
    for (let left = cols; left > 0; left -= 4) {
      let v = f32x4.mul(f32x4.sub(v128.load(source + offset), centre), factor);
      if (scale) v = f32x4.mul(v, v128.load(scale + offset));
      if (shift) v = f32x4.add(v, v128.load(shift + offset));
      storeLanes(target + offset, v, left);
      offset += 16;
    }
  }
}

/** Each row to mean 0 and variance 1, then ·scale + shift of its channel where given. x may equal y. */
export function f32_instance_norm_rows(
  x: usize,
  scale: usize,
  shift: usize,
  y: usize,
  rows: i32,
  cols: i32,
  channels: i32,
  epsilon: f32,
  part: i32,
  parts: i32,
): void {
  assert(channels > 0 && 0 <= part && part < parts);
  const end = shareBegin(rows, part + 1, parts);
  for (let row = shareBegin(rows, part, parts); row < end; row++) {
    const channel = <usize>(row % channels) << 2;
    const source = x + ((<usize>row * cols) << 2);
    const mean = sumRow(source, cols) / <f32>cols;
    let factor = inverseDeviation(centredSquareRow(source, cols, mean), cols, epsilon);
    if (scale) factor *= f32.load(scale + channel);
    const bias = shift ? splatLoad(shift + channel) : f4(0);
    normaliseRow(source, f4(mean), f4(factor), bias, y + ((<usize>row * cols) << 2), cols);
  }
}

/**
 * Channels-last: each channel of each image to mean 0 and variance 1, then ·scale + shift where given. x may
 * equal y.
 */
export function f32_instance_norm(
  x: usize,
  ldx: i32,
  scale: usize,
  shift: usize,
  y: usize,
  ldy: i32,
  batch: i32,
  pixels: i32,
  channels: i32,
  epsilon: f32,
  part: i32,
  parts: i32,
): void {
  assert(ldx >= channels && ldy >= channels && 0 <= part && part < parts);
  const strips = (channels + STRIP - 1) / STRIP;
  const inPixel = <usize>ldx << 2;
  const outPixel = <usize>ldy << 2;
  const end = shareBegin(batch * strips, part + 1, parts);
  for (let i = shareBegin(batch * strips, part, parts); i < end; i++) {
    const image = i / strips;
    const channel = (i - image * strips) * STRIP;
    const offset = <usize>channel << 2;
    const source = x + <usize>image * pixels * inPixel + offset;
    const target = y + <usize>image * pixels * outPixel + offset;
    const gain = scale ? scale + offset : 0;
    const bias = shift ? shift + offset : 0;
    instanceNormStrip(source, inPixel, gain, bias, target, outPixel, pixels, channels - channel, epsilon);
  }
}

/**
 * Sixteen channels of one image, or as many as are left: a cache line of every pixel. Reads all sixteen in
 * any case, which the over-read allowance covers.
 */
function instanceNormStrip(
  x: usize,
  inPixel: usize,
  scale: usize,
  shift: usize,
  y: usize,
  outPixel: usize,
  pixels: i32,
  lanes: i32,
  epsilon: f32,
): void {
  const count = f4(<f32>pixels);
  const zero = f4(0);
  let a0 = zero;
  let a1 = zero;
  let a2 = zero;
  let a3 = zero;
  let at = x;
  for (let left = pixels; left > 0; left -= BLOCK) {
    let acc0 = zero;
    let acc1 = zero;
    let acc2 = zero;
    let acc3 = zero;
    const stop = at + <usize>min(left, BLOCK) * inPixel;
    while (at < stop) {
      acc0 = f32x4.add(acc0, v128.load(at));
      acc1 = f32x4.add(acc1, v128.load(at, 16));
      acc2 = f32x4.add(acc2, v128.load(at, 32));
      acc3 = f32x4.add(acc3, v128.load(at, 48));
      at += inPixel;
    }
    a0 = f32x4.add(a0, acc0);
    a1 = f32x4.add(a1, acc1);
    a2 = f32x4.add(a2, acc2);
    a3 = f32x4.add(a3, acc3);
  }
  const mean0 = f32x4.div(a0, count);
  const mean1 = f32x4.div(a1, count);
  const mean2 = f32x4.div(a2, count);
  const mean3 = f32x4.div(a3, count);
  a0 = a1 = a2 = a3 = zero;
  at = x;
  for (let left = pixels; left > 0; left -= BLOCK) {
    let acc0 = zero;
    let acc1 = zero;
    let acc2 = zero;
    let acc3 = zero;
    const stop = at + <usize>min(left, BLOCK) * inPixel;
    while (at < stop) {
      acc0 = addSquare(acc0, v128.load(at), mean0);
      acc1 = addSquare(acc1, v128.load(at, 16), mean1);
      acc2 = addSquare(acc2, v128.load(at, 32), mean2);
      acc3 = addSquare(acc3, v128.load(at, 48), mean3);
      at += inPixel;
    }
    a0 = f32x4.add(a0, acc0);
    a1 = f32x4.add(a1, acc1);
    a2 = f32x4.add(a2, acc2);
    a3 = f32x4.add(a3, acc3);
  }
  a0 = gainOf(a0, count, epsilon, scale, 0);
  a1 = gainOf(a1, count, epsilon, scale, 16);
  a2 = gainOf(a2, count, epsilon, scale, 32);
  a3 = gainOf(a3, count, epsilon, scale, 48);
  const bias0 = shift ? v128.load(shift) : zero;
  const bias1 = shift ? v128.load(shift, 16) : zero;
  const bias2 = shift ? v128.load(shift, 32) : zero;
  const bias3 = shift ? v128.load(shift, 48) : zero;
  for (let p = 0; p < pixels; p += BLOCK) {
    const from = x + <usize>p * inPixel;
    const to = y + <usize>p * outPixel;
    const n = min(pixels - p, BLOCK);
    normaliseColumns(from, inPixel, mean0, a0, bias0, to, outPixel, n, lanes);
    normaliseColumns(from + 16, inPixel, mean1, a1, bias1, to + 16, outPixel, n, lanes - 4);
    normaliseColumns(from + 32, inPixel, mean2, a2, bias2, to + 32, outPixel, n, lanes - 8);
    normaliseColumns(from + 48, inPixel, mean3, a3, bias3, to + 48, outPixel, n, lanes - 12);
  }
}

// @ts-ignore: decorator
@inline
function addSquare(acc: v128, v: v128, mean: v128): v128 {
  const d = f32x4.sub(v, mean);
  return madd(acc, d, d);
}

// @ts-ignore: decorator
@inline
function gainOf(squares: v128, count: v128, epsilon: f32, scale: usize, offset: usize): v128 {
  const deviation = f32x4.sqrt(f32x4.add(f32x4.div(squares, count), f4(epsilon)));
  return f32x4.div(scale ? v128.load(scale + offset) : f4(1), deviation);
}

function normaliseColumns(
  x: usize,
  inPixel: usize,
  mean: v128,
  gain: v128,
  bias: v128,
  y: usize,
  outPixel: usize,
  n: i32,
  lanes: i32,
): void {
  if (lanes <= 0) return;
  for (; n > 0; n--) {
    storeLanes(y, madd(bias, f32x4.sub(v128.load(x), mean), gain), lanes);
    x += inPixel;
    y += outPixel;
  }
}
