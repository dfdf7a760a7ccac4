// The Euclidean norm of many arrays together, in runs of a fixed length, so that no number of parts changes a bit.
import { shareBegin } from "../../simd";

/** Elements of a run, which has a sum of its own. */
const RUN: i32 = 4096;

// @ts-ignore: decorator
@inline
function runsOf(count: i32): i32 {
  return (count + RUN - 1) / RUN;
}

/** Room for what `f32_square_sums` makes of `count` elements, for all parts. */
// @ts-ignore: decorator
@inline
export function squareSumsScratchBytes(count: i32): usize {
  return <usize>runsOf(count) << 3;
}

/** sums[i] = Σ x² over the run i of 4096 elements, in float64. */
export function f32_square_sums(x: usize, sums: usize, count: i32, part: i32, parts: i32): void {
  assert(0 <= part && part < parts);
  const runs = runsOf(count);
  const end = shareBegin(runs, part + 1, parts);
  for (let r = shareBegin(runs, part, parts); r < end; r++) {
    const length = min(RUN, count - r * RUN);
    f64.store(sums + (<usize>r << 3), squareSum(x + (<usize>(r * RUN) << 2), length));
  }
}

function squareSum(x: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = x + (<usize>(count & ~3) << 2);
  while (x < end) {
    const v = v128.load(x);
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
    x += 16;
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (let i = 0; i < (count & 3); i++) {
    const value = <f64>f32.load(x + (<usize>i << 2));
    sum += value * value;
  }
  return sum;
}

/** y[0] = √(sums[0] + … ); one part does it. */
export function f32_root_of_sums(sums: usize, runs: i32, y: usize, part: i32, parts: i32): void {
  if (part != 0) return;
  let sum: f64 = 0;
  for (let i = 0; i < runs; i++) sum += f64.load(sums + (<usize>i << 3));
  f32.store(y, <f32>Math.sqrt(sum));
}
