// The weights of `f32_conv_winograd4` out of weights that change from step to step: G g G' of kernels/winograd.ts with the
// points of winograd_points.ts, four filters side by side.
import { madd, shareBegin } from "../../simd";
import { A1, A2, B1, B2 } from "../winograd_points";
import { f4 } from "../math";

/** The weight at each point is divided by the product of its distances to the others. */
const SCALE_ZERO: f32 = 1 / (A2 * B2);
const SCALE_A: f32 = 1 / (2 * A2 * (A2 - B2));
const SCALE_B: f32 = 1 / (2 * B2 * (B2 - A2));

/** Tap `tap` of up to four filters `step` bytes apart; zero for filters past the last. */
// @ts-ignore: decorator
@inline
function taps(from: usize, step: usize, filters: i32): v128 {
  let value = v128.load32_zero(from);
  if (filters > 1) value = v128.load_lane<f32>(from + step, value, 1);
  if (filters > 2) value = v128.load_lane<f32>(from + 2 * step, value, 2);
  if (filters > 3) value = v128.load_lane<f32>(from + 3 * step, value, 3);
  return value;
}

/** One row of 6 points out of its 3 taps. */
// @ts-ignore: decorator
@inline
function storePoints(to: usize, plane: usize, g0: v128, g1: v128, g2: v128): void {
  const evenA = f32x4.mul(madd(g0, g2, f4(A2)), f4(SCALE_A));
  const oddA = f32x4.mul(g1, f4(A1 * SCALE_A));
  const evenB = f32x4.mul(madd(g0, g2, f4(B2)), f4(SCALE_B));
  const oddB = f32x4.mul(g1, f4(B1 * SCALE_B));
  v128.store(to, f32x4.mul(g0, f4(SCALE_ZERO)));
  v128.store(to + plane, f32x4.add(evenA, oddA));
  v128.store(to + 2 * plane, f32x4.sub(evenA, oddA));
  v128.store(to + 3 * plane, f32x4.add(evenB, oddB));
  v128.store(to + 4 * plane, f32x4.sub(evenB, oddB));
  v128.store(to + 5 * plane, g2);
}

/** The 36 points of up to four filters; `tap` is the bytes from tap to tap, less than 0 to turn the filters round. */
function filters4(w: usize, step: usize, tap: usize, filters: i32, to: usize, plane: usize): void {
  const g00 = taps(w, step, filters);
  const g01 = taps(w + tap, step, filters);
  const g02 = taps(w + 2 * tap, step, filters);
  const g10 = taps(w + 3 * tap, step, filters);
  const g11 = taps(w + 4 * tap, step, filters);
  const g12 = taps(w + 5 * tap, step, filters);
  const g20 = taps(w + 6 * tap, step, filters);
  const g21 = taps(w + 7 * tap, step, filters);
  const g22 = taps(w + 8 * tap, step, filters);
  const zero = f4(SCALE_ZERO);
  const row = 6 * plane;
  storePoints(to, plane, f32x4.mul(g00, zero), f32x4.mul(g01, zero), f32x4.mul(g02, zero));
  storePoints(to + 5 * row, plane, g20, g21, g22);
  pair(to + row, row, plane, A1, A2, SCALE_A, g00, g01, g02, g10, g11, g12, g20, g21, g22);
  pair(to + 3 * row, row, plane, B1, B2, SCALE_B, g00, g01, g02, g10, g11, g12, g20, g21, g22);
}

/** The rows at the points ±p. */
// @ts-ignore: decorator
@inline
function pair(
  to: usize, row: usize, plane: usize, p: f32, square: f32, scale: f32,
  g00: v128, g01: v128, g02: v128, g10: v128, g11: v128, g12: v128, g20: v128, g21: v128, g22: v128,
): void {
  const squares = f4(square);
  const scales = f4(scale);
  const odds = f4(p * scale);
  const even0 = f32x4.mul(madd(g00, g20, squares), scales);
  const even1 = f32x4.mul(madd(g01, g21, squares), scales);
  const even2 = f32x4.mul(madd(g02, g22, squares), scales);
  const odd0 = f32x4.mul(g10, odds);
  const odd1 = f32x4.mul(g11, odds);
  const odd2 = f32x4.mul(g12, odds);
  storePoints(to, plane, f32x4.add(even0, odd0), f32x4.add(even1, odd1), f32x4.add(even2, odd2));
  storePoints(to + row, plane, f32x4.sub(even0, odd0), f32x4.sub(even1, odd1), f32x4.sub(even2, odd2));
}

/**
 * packed[ceil(outC/8)][36][inC][8] of w[O][I][3][3]: as they are (outC = O, inC = I) or, `turned`, those of the
 * convolution that gives the gradient by the input: outC = I, inC = O, each filter turned by half a circle. Shares are
 * panels of eight filters.
 */
export function f32_winograd_weights(
  w: usize, packed: usize, outC: i32, inC: i32, turned: i32, part: i32, parts: i32,
): void {
  assert(0 <= part && part < parts);
  const filterStep: usize = turned ? 36 : <usize>inC * 36;
  const channelStep: usize = turned ? <usize>outC * 36 : 36;
  const tap: usize = turned ? -4 : 4;
  const first: usize = turned ? 32 : 0;
  const plane = <usize>inC << 5;
  const panels = (outC + 7) >> 3;
  const end = shareBegin(panels, part + 1, parts);
  for (let panel = shareBegin(panels, part, parts); panel < end; panel++) {
    const filters = outC - (panel << 3);
    const from = w + first + <usize>(panel << 3) * filterStep;
    const to = packed + <usize>panel * 36 * plane;
    for (let c = 0; c < inC; c++) {
      const at = from + <usize>c * channelStep;
      const row = to + (<usize>c << 5);
      filters4(at, filterStep, tap, filters, row, plane);
      if (filters > 4) filters4(at + 4 * filterStep, filterStep, tap, filters - 4, row + 16, plane);
      else clear(row + 16, plane);
    }
  }
}

function clear(to: usize, plane: usize): void {
  const end = to + 36 * plane;
  while (to < end) {
    v128.store(to, f4(0));
    to += plane;
  }
}
