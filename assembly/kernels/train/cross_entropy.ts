import { shareBegin, storeLanes } from "../../simd";
import { expNegativeV, f4, logV } from "../math";

/**
 * For each row of scores[batch][classes]: its cross-entropy with the class labels[row] (int32) to losses[row], and the
 * gradient of the batch's mean by the scores. The target is 1 - smoothing + smoothing/classes for the class and
 * smoothing/classes for each other.
 */
export function f32_softmax_cross_entropy(
  scores: usize,
  labels: usize,
  losses: usize,
  gradient: usize,
  batch: i32,
  classes: i32,
  smoothing: f32,
  part: i32,
  parts: i32,
): void {
  assert(0 <= part && part < parts);
  const rest = smoothing / <f32>classes;
  const share: f32 = 1 / <f32>batch;
  const end = shareBegin(batch, part + 1, parts);
  for (let n = shareBegin(batch, part, parts); n < end; n++) {
    const row = scores + (<usize>(n * classes) << 2);
    const to = gradient + (<usize>(n * classes) << 2);
    const label = i32.load(labels + (<usize>n << 2));
    const most = largest(row, classes);
    const sum = exponentials(row, to, classes, most);
    const log = f32x4.extract_lane(logV(f4(sum)), 0);
    let loss: f32 = 0;
    if (<u32>label < <u32>classes) loss = (1 - smoothing) * (log - (f32.load(row + (<usize>label << 2)) - most));
    if (rest != 0) loss += rest * (<f32>classes * log - distance(row, classes, most));
    f32.store(losses + (<usize>n << 2), loss);
    scale(to, classes, share / sum, rest * share);
    if (<u32>label < <u32>classes) {
      const at = to + (<usize>label << 2);
      f32.store(at, f32.load(at) - (1 - smoothing) * share);
    }
  }
}

/** The largest of a row; NaN never wins. */
function largest(row: usize, count: i32): f32 {
  let most: f32 = -Infinity;
  for (let i = 0; i < count; i++) {
    const value = f32.load(row + (<usize>i << 2));
    if (value > most) most = value;
  }
  return most;
}

/** Stores exp(row - most) and returns its sum. */
function exponentials(row: usize, to: usize, count: i32, most: f32): f32 {
  let sums = f4(0);
  for (; count > 0; count -= 4) {
    const e = expNegativeV(f32x4.sub(v128.load(row), f4(most)));
    storeLanes(to, e, count);
    sums = f32x4.add(sums, v128.and(e, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count))));
    row += 16;
    to += 16;
  }
  const pairs = f32x4.add(sums, v128.shuffle<f32>(sums, sums, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The sum of row - most. */
function distance(row: usize, count: i32, most: f32): f32 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += <f64>(f32.load(row + (<usize>i << 2)) - most);
  return <f32>sum;
}

/** value * factor - less. */
function scale(at: usize, count: i32, factor: f32, less: f32): void {
  for (; count > 0; count -= 4) {
    storeLanes(at, f32x4.sub(f32x4.mul(v128.load(at), f4(factor)), f4(less)), count);
    at += 16;
  }
}
