import { shareBegin, storeLanes } from "../../simd";
import { f4 } from "../math";

/** A mixing of 32 bits in which every bit of x moves every bit of the result (Chris Wellons, lowbias32). */
// @ts-ignore: decorator
@inline
function mixed(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * mask[i] = kept where the mixing of (seed + stream, i) is at least `threshold` (unsigned), else 0: a number of its own for each
 * element, whoever computes it. `seed` points at an int32.
 */
export function f32_dropout_mask(
  seed: usize, stream: i32, mask: usize, count: i32, threshold: i32, kept: f32, part: i32, parts: i32,
): void {
  assert(0 <= part && part < parts);
  const key = mixed(i32x4.splat(i32.load(seed) + stream));
  const vectors = (count + 3) >> 2;
  const end = min(shareBegin(vectors, part + 1, parts) << 2, count);
  let i = shareBegin(vectors, part, parts) << 2;
  let index = i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3));
  for (; i < end; i += 4) {
    const bits = mixed(i32x4.add(v128.xor(index, key), key));
    const stays = i32x4.ge_u(bits, i32x4.splat(threshold));
    storeLanes(mask + (<usize>i << 2), v128.and(f4(kept), stays), end - i);
    index = i32x4.add(index, i32x4.splat(4));
  }
}
