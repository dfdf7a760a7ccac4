import { madd, shareBegin, storeLanes } from "../simd";
import { expV, f4, logV } from "./math";

/**
 * y = x / (bias + alpha/size·Σx²)^beta, the sum over the `size` channels around each (one more above than
 * below where size is even), along the contiguous channels of each row.
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
  const below = min((size - 1) >> 1, channels);
  const above = min(size >> 1, channels);
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
