import { madd, shareBegin, splatLoad, storeLanes } from "../simd";
import { expV, f4, logV } from "./math";
import { Fold, centredSquareRow, foldColumns, sumRow } from "./reduce_rows";
import { Unary, unaryRows } from "./unary_rows";

const STRIP = 16; // channels of one share: a cache line
const CHUNK = 2048; // elements after which an activation follows, while they are still in the first cache

/** y = act(x·scale[col] + shift[col]). x may equal y. */
export function f32_scale_shift(
  x: usize,
  ldx: i32,
  scale: usize,
  shift: usize,
  y: usize,
  ldy: i32,
  rows: i32,
  cols: i32,
  activation: i32,
  alpha: f32,
  beta: f32,
  part: i32,
  parts: i32,
): void {
  assert(ldx >= cols && ldy >= cols && 0 <= part && part < parts);
  const end = shareBegin(rows, part + 1, parts);
  const chunk = max(1, CHUNK / max(cols, 1));
  for (let row = shareBegin(rows, part, parts); row < end; row += chunk) {
    const count = min(chunk, end - row);
    const target = y + ((<usize>row * ldy) << 2);
    for (let k = 0; k < count; k++) {
      const source = x + ((<usize>(row + k) * ldx) << 2);
      scaleShiftRow(source, scale, shift, target + ((<usize>k * ldy) << 2), cols);
    }
    if (activation != Unary.identity) unaryRows(activation, alpha, beta, target, ldy, target, ldy, count, cols);
  }
}

// @ts-ignore: decorator
@inline
function scaleShiftRow(x: usize, scale: usize, shift: usize, y: usize, cols: i32): void {
  for (let offset: usize = 0; cols > 0; cols -= 4) {
    const v = madd(v128.load(shift + offset), v128.load(x + offset), v128.load(scale + offset));
    storeLanes(y + offset, v, cols);
    offset += 16;
  }
}

/** y = act(x·scale[row % channels] + shift[row % channels]), rows contiguous. x may equal y. */
export function f32_scale_shift_rows(
  x: usize,
  scale: usize,
  shift: usize,
  y: usize,
  rows: i32,
  cols: i32,
  channels: i32,
  activation: i32,
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
    unaryRows(Unary.affine, f32.load(scale + channel), f32.load(shift + channel), x + offset, cols, target, cols, 1, cols);
    if (activation != Unary.identity) unaryRows(activation, alpha, beta, target, cols, target, cols, 1, cols);
  }
}

// @ts-ignore: decorator
@inline
function inverseDeviation(squares: f32, count: i32, epsilon: f32): f32 {
  return 1 / sqrt(squares / <f32>count + epsilon);
}

/** Each row to mean 0 and variance 1, then ·scale[col] + shift[col] where given. Two passes, so that a large mean costs no digits. x may equal y. */
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
    let source = x + ((<usize>row * cols) << 2);
    let target = y + ((<usize>row * cols) << 2);
    const mean = sumRow(source, cols) / <f32>cols;
    let factor = inverseDeviation(centredSquareRow(source, cols, mean), cols, epsilon);
    if (scale) factor *= f32.load(scale + channel);
    const gain = f4(factor);
    const centre = f4(mean);
    const bias = shift ? splatLoad(shift + channel) : f4(0);
    for (let left = cols; left > 0; left -= 4) {
      storeLanes(target, madd(bias, f32x4.sub(v128.load(source), centre), gain), left);
      source += 16;
      target += 16;
    }
  }
}

/** Channels-last: each channel of each image to mean 0 and variance 1, then ·scale + shift where given. x may equal y. */
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
    const first = (i - image * strips) * STRIP;
    const source = x + <usize>image * pixels * inPixel;
    const target = y + <usize>image * pixels * outPixel;
    for (let c = first; c < min(first + STRIP, channels); c += 4) {
      const offset = <usize>c << 2;
      const gain = scale ? v128.load(scale + offset) : f4(1);
      const bias = shift ? v128.load(shift + offset) : f4(0);
      const lanes = channels - c;
      instanceNormColumns(source + offset, inPixel, gain, bias, target + offset, outPixel, pixels, lanes, epsilon);
    }
  }
}

/** Up to four channels of one image. */
function instanceNormColumns(
  x: usize,
  inPixel: usize,
  gain: v128,
  bias: v128,
  y: usize,
  outPixel: usize,
  pixels: i32,
  lanes: i32,
  epsilon: f32,
): void {
  const count = f4(<f32>pixels);
  const mean = f32x4.div(foldColumns(Fold.sum, x, inPixel, pixels, f4(0)), count);
  const squares = foldColumns(Fold.centredSquare, x, inPixel, pixels, mean);
  const variance = f32x4.add(f32x4.div(squares, count), f4(epsilon));
  const factor = f32x4.div(gain, f32x4.sqrt(variance));
  for (; pixels > 0; pixels--) {
    storeLanes(y, madd(bias, f32x4.sub(v128.load(x), mean), factor), lanes);
    x += inPixel;
    y += outPixel;
  }
}

/**
 * y = x / (bias + alpha/size·Σx²)^beta, the sum over the `size` channels around each (one more above than below where
 * size is even), along the contiguous channels of each row.
 */
export function f32_lrn(
  x: usize,
  ldx: i32,
  y: usize,
  ldy: i32,
  rows: i32,
  channels: i32,
  size: i32,
  alpha: f32,
  beta: f32,
  bias: f32,
  part: i32,
  parts: i32,
): void {
  assert(x != y && ldx >= channels && ldy >= channels && size > 0 && 0 <= part && part < parts);
  const below = (size - 1) >> 1;
  const above = size >> 1;
  const factor = f4(alpha / <f32>size);
  const end = shareBegin(rows, part + 1, parts);
  for (let row = shareBegin(rows, part, parts); row < end; row++) {
    const source = x + ((<usize>row * ldx) << 2);
    const target = y + ((<usize>row * ldy) << 2);
    for (let c = 0; c < channels; c += 4) {
      const at = source + (<usize>c << 2);
      let sum = f4(0);
      for (let k = -below; k <= above; k++) sum = squaresOf(sum, source, c + k, channels);
      const base = madd(f4(bias), factor, sum);
      storeLanes(target + (<usize>c << 2), f32x4.div(v128.load(at), powerOf(base, beta)), channels - c);
    }
  }
}

/** sum + x² of channels c to c + 3, those outside 0 … channels-1 being zero; none outside is read below 0. */
// @ts-ignore: decorator
@inline
function squaresOf(sum: v128, x: usize, c: i32, channels: i32): v128 {
  if (c >= 0 && c + 4 <= channels) {
    const v = v128.load(x + (<usize>c << 2));
    return madd(sum, v, v);
  }
  let v = f4(0);
  if (c >= 0 && c < channels) v = f32x4.replace_lane(v, 0, f32.load(x + (<usize>c << 2)));
  if (c + 1 >= 0 && c + 1 < channels) v = f32x4.replace_lane(v, 1, f32.load(x + (<usize>(c + 1) << 2)));
  if (c + 2 >= 0 && c + 2 < channels) v = f32x4.replace_lane(v, 2, f32.load(x + (<usize>(c + 2) << 2)));
  if (c + 3 >= 0 && c + 3 < channels) v = f32x4.replace_lane(v, 3, f32.load(x + (<usize>(c + 3) << 2)));
  return madd(sum, v, v);
}

/** base^beta for base > 0; the usual 0.75 by two square roots. */
// @ts-ignore: decorator
@inline
function powerOf(base: v128, beta: f32): v128 {
  if (beta != 0.75) return expV(f32x4.mul(f4(beta), logV(base)));
  const root = f32x4.sqrt(base);
  return f32x4.mul(root, f32x4.sqrt(root));
}
