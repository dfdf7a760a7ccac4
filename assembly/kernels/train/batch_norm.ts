// Batch normalisation in training, channels-last rows of channels. Statistics are made over chunks of rows, whose number
// the shape alone says, each chunk in two passes while it is in cache; chunks join by the formula of Chan, Golub and
// LeVeque (1979). Partial results are [chunk][2][padded channels], channels padded to a multiple of 16.
import { madd, shareBegin, storeLanes } from "../../simd";
import { f4 } from "../math";

const STRIP: i32 = 16;
const BLOCK_FLOATS: i32 = 2048;

// @ts-ignore: decorator
@inline
function padded(channels: i32): i32 {
  return (channels + STRIP - 1) / STRIP * STRIP;
}

/** Room for a number for each channel, as the kernels write them, for all parts. */
// @ts-ignore: decorator
@inline
export function channelsScratchBytes(channels: i32): usize {
  return <usize>padded(channels) << 2;
}

/** Room for what `f32_channel_moments` or `f32_batch_norm_gradient_sums` find of a chunk, for all parts. */
// @ts-ignore: decorator
@inline
export function momentsScratchBytes(channels: i32): usize {
  return 2 * channelsScratchBytes(channels);
}

/** Room for the coefficients of `f32_batch_norm_gradient`, for all parts. */
// @ts-ignore: decorator
@inline
export function coefficientsScratchBytes(channels: i32): usize {
  return 3 * channelsScratchBytes(channels);
}

/** Sums of 16 columns, and of their squares less a mean: `sum` gets 16 floats. */
// @ts-ignore: decorator
@inline
function columnSums(centred: bool, x: usize, step: usize, rows: i32, mean: usize, sum: usize): void {
  let total0 = f4(0);
  let total1 = f4(0);
  let total2 = f4(0);
  let total3 = f4(0);
  let mean0 = f4(0);
  let mean1 = f4(0);
  let mean2 = f4(0);
  let mean3 = f4(0);
  if (centred) {
    mean0 = v128.load(mean);
    mean1 = v128.load(mean, 16);
    mean2 = v128.load(mean, 32);
    mean3 = v128.load(mean, 48);
  }
  const end = x + <usize>rows * step;
  while (x < end) {
    if (centred) {
      const d0 = f32x4.sub(v128.load(x), mean0);
      const d1 = f32x4.sub(v128.load(x, 16), mean1);
      const d2 = f32x4.sub(v128.load(x, 32), mean2);
      const d3 = f32x4.sub(v128.load(x, 48), mean3);
      total0 = madd(total0, d0, d0);
      total1 = madd(total1, d1, d1);
      total2 = madd(total2, d2, d2);
      total3 = madd(total3, d3, d3);
    } else {
      total0 = f32x4.add(total0, v128.load(x));
      total1 = f32x4.add(total1, v128.load(x, 16));
      total2 = f32x4.add(total2, v128.load(x, 32));
      total3 = f32x4.add(total3, v128.load(x, 48));
    }
    x += step;
  }
  v128.store(sum, total0);
  v128.store(sum, total1, 16);
  v128.store(sum, total2, 32);
  v128.store(sum, total3, 48);
}

export function bn_sums(x: usize, step: usize, rows: i32, sum: usize): void {
  columnSums(false, x, step, rows, 0, sum);
}

export function bn_centred_squares(x: usize, step: usize, rows: i32, mean: usize, sum: usize): void {
  columnSums(true, x, step, rows, mean, sum);
}

/**
 * Over each chunk of rows, by column: partial[chunk][0] = means, partial[chunk][1] = sums of squared distances from
 * them; `partial` is [chunks][2][channels rounded up to 16].
 */
export function f32_channel_moments(
  x: usize, ldx: i32, rows: i32, channels: i32, chunks: i32, partial: usize, part: i32, parts: i32,
): void {
  assert(ldx >= channels && 0 <= part && part < parts);
  const width = padded(channels);
  const strips = width / STRIP;
  const step = <usize>ldx << 2;
  const end = shareBegin(chunks * strips, part + 1, parts);
  for (let item = shareBegin(chunks * strips, part, parts); item < end; item++) {
    const chunk = item / strips;
    const column = <usize>(item % strips * STRIP) << 2;
    const top = shareBegin(rows, chunk, chunks);
    const count = shareBegin(rows, chunk + 1, chunks) - top;
    const from = x + <usize>top * step + column;
    const mean = partial + (<usize>(2 * chunk * width) << 2) + column;
    bn_sums(from, step, count, mean);
    const share = f4(1 / <f32>max(count, 1));
    for (let i = 0; i < STRIP; i += 4) {
      const at = mean + (<usize>i << 2);
      v128.store(at, f32x4.mul(v128.load(at), share));
    }
    bn_centred_squares(from, step, count, mean, mean + (<usize>width << 2));
  }
}

/**
 * Joins the moments of the chunks: the batch's mean and 1/√(variance + epsilon), the running statistics moved by
 * 1 - momentum towards them (the variance that of the population), and y = (x - savedMean) * factor + offset. Pointers to [channels];
 * the running statistics may be moved in place. Shares are channels.
 */
export function f32_batch_norm_finish(
  partial: usize, rows: i32, channels: i32, chunks: i32, scale: usize, bias: usize, runningMean: usize, runningVar: usize,
  momentum: f64, epsilon: f64, newMean: usize, newVar: usize, savedMean: usize, savedInvStd: usize,
  factor: usize, offset: usize, part: i32, parts: i32,
): void {
  const width = padded(channels);
  const end = shareBegin(channels, part + 1, parts);
  for (let c = shareBegin(channels, part, parts); c < end; c++) {
    const at = <usize>c << 2;
    let mean: f64 = 0;
    let squares: f64 = 0;
    let seen: f64 = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const count = <f64>(shareBegin(rows, chunk + 1, chunks) - shareBegin(rows, chunk, chunks));
      if (count == 0) continue;
      const from = partial + (<usize>(2 * chunk * width) << 2) + at;
      const apart = <f64>f32.load(from) - mean;
      const all = seen + count;
      squares += <f64>f32.load(from + (<usize>width << 2)) + apart * apart * seen * count / all;
      mean += apart * count / all;
      seen = all;
    }
    const variance = squares / max<f64>(seen, 1);
    const invStd = 1 / Math.sqrt(variance + epsilon);
    f32.store(newMean + at, <f32>(<f64>f32.load(runningMean + at) * momentum + mean * (1 - momentum)));
    f32.store(newVar + at, <f32>(<f64>f32.load(runningVar + at) * momentum + variance * (1 - momentum)));
    f32.store(savedMean + at, <f32>mean);
    f32.store(savedInvStd + at, <f32>invStd);
    const times = <f64>f32.load(scale + at) * invStd;
    f32.store(factor + at, <f32>times);
    f32.store(offset + at, <f32>(<f64>f32.load(bias + at) - (mean - <f64>f32.load(savedMean + at)) * times));
  }
}

/** Sums of dy and of dy * (x - mean) over rows of eight columns. */
export function bn_gradient_sums(
  x: usize, stepX: usize, dy: usize, stepY: usize, rows: i32, mean: usize, sum: usize, products: usize,
): void {
  let sum0 = f4(0);
  let sum1 = f4(0);
  let product0 = f4(0);
  let product1 = f4(0);
  const mean0 = v128.load(mean);
  const mean1 = v128.load(mean, 16);
  const end = dy + <usize>rows * stepY;
  while (dy < end) {
    const slope0 = v128.load(dy);
    const slope1 = v128.load(dy, 16);
    sum0 = f32x4.add(sum0, slope0);
    sum1 = f32x4.add(sum1, slope1);
    product0 = madd(product0, slope0, f32x4.sub(v128.load(x), mean0));
    product1 = madd(product1, slope1, f32x4.sub(v128.load(x, 16), mean1));
    x += stepX;
    dy += stepY;
  }
  v128.store(sum, sum0);
  v128.store(sum, sum1, 16);
  v128.store(products, product0);
  v128.store(products, product1, 16);
}

/** Over each chunk of rows, by column: partial[chunk][0] = Σ dy, partial[chunk][1] = Σ dy * (x - mean). */
export function f32_batch_norm_gradient_sums(
  x: usize, ldx: i32, dy: usize, ldd: i32, rows: i32, channels: i32, chunks: i32, mean: usize, partial: usize,
  part: i32, parts: i32,
): void {
  assert(ldx >= channels && ldd >= channels && 0 <= part && part < parts);
  const width = padded(channels);
  const strips = width / 8;
  const stepX = <usize>ldx << 2;
  const stepY = <usize>ldd << 2;
  const end = shareBegin(chunks * strips, part + 1, parts);
  for (let item = shareBegin(chunks * strips, part, parts); item < end; item++) {
    const chunk = item / strips;
    const column = <usize>(item % strips * 8) << 2;
    const top = shareBegin(rows, chunk, chunks);
    const count = shareBegin(rows, chunk + 1, chunks) - top;
    const to = partial + (<usize>(2 * chunk * width) << 2) + column;
    bn_gradient_sums(
      x + <usize>top * stepX + column, stepX, dy + <usize>top * stepY + column, stepY, count,
      mean + column, to, to + (<usize>width << 2),
    );
  }
}

/**
 * dscale and dbias, and what dx = a * dy + b * (x - mean) + d takes: coefficients[0..2] of [channels rounded up to 16]
 * each. Shares are channels.
 */
export function f32_batch_norm_gradient_finish(
  partial: usize, rows: i32, channels: i32, chunks: i32, scale: usize, invStd: usize, dScale: usize, dBias: usize,
  coefficients: usize, part: i32, parts: i32,
): void {
  const width = padded(channels);
  const widthBytes = <usize>width << 2;
  const end = shareBegin(channels, part + 1, parts);
  for (let c = shareBegin(channels, part, parts); c < end; c++) {
    const at = <usize>c << 2;
    let sum: f64 = 0;
    let product: f64 = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const from = partial + (<usize>(2 * chunk * width) << 2) + at;
      sum += <f64>f32.load(from);
      product += <f64>f32.load(from + widthBytes);
    }
    const inverse = <f64>f32.load(invStd + at);
    const times = <f64>f32.load(scale + at) * inverse;
    const share: f64 = 1 / <f64>max(rows, 1);
    f32.store(dBias + at, <f32>sum);
    f32.store(dScale + at, <f32>(product * inverse));
    f32.store(coefficients + at, <f32>times);
    f32.store(coefficients + widthBytes + at, <f32>(-times * inverse * inverse * product * share));
    f32.store(coefficients + 2 * widthBytes + at, <f32>(-times * sum * share));
  }
}

/** dx = a * dy + b * (x - mean) + d by column. dx may be dy or x. Shares are rows. */
export function f32_batch_norm_gradient(
  x: usize, ldx: i32, dy: usize, ldd: i32, dx: usize, ldo: i32, rows: i32, channels: i32, mean: usize,
  coefficients: usize, part: i32, parts: i32,
): void {
  assert(ldx >= channels && ldd >= channels && ldo >= channels && 0 <= part && part < parts);
  const widthBytes = <usize>padded(channels) << 2;
  const top = shareBegin(rows, part, parts);
  const count = shareBegin(rows, part + 1, parts) - top;
  const stepX = <usize>ldx << 2;
  const stepY = <usize>ldd << 2;
  const stepOut = <usize>ldo << 2;
  // Blocks of rows that stay in L1 while their columns pass by.
  const block = max(8, BLOCK_FLOATS / channels);
  for (let done = 0; done < count; done += block) {
    const first = <usize>(top + done);
    const blockEnd = dx + (first + <usize>min(block, count - done)) * stepOut;
    for (let c = 0; c < channels; c += 4) {
      const at = <usize>c << 2;
      const lanes = channels - c;
      const a = v128.load(coefficients + at);
      const b = v128.load(coefficients + widthBytes + at);
      const d = v128.load(coefficients + 2 * widthBytes + at);
      const middle = v128.load(mean + at);
      let fromX = x + first * stepX + at;
      let fromY = dy + first * stepY + at;
      for (let to = dx + first * stepOut + at; to < blockEnd; to += stepOut) {
        const away = f32x4.sub(v128.load(fromX), middle);
        storeLanes(to, madd(madd(d, b, away), a, v128.load(fromY)), lanes);
        fromX += stepX;
        fromY += stepY;
      }
    }
  }
}
