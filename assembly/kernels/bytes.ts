// Vectors of 8-bit numbers. int8 and uint8 go through the same code as int8: a uint8 with its top bit flipped is that
// number less 128, so its zero point is 128 less too.

/** What flips uint8 to int8 and back; nothing for int8. */
// @ts-ignore: decorator
@inline
export function flipOf(signed: i32): v128 {
  return i8x16.splat(signed ? 0 : -128);
}

/** The zero point at an address (0 where absent), of the flipped numbers. */
export function flippedZero(pointer: usize, signed: i32): i32 {
  if (signed) return pointer ? <i32>load<i8>(pointer) : 0;
  return pointer ? <i32>load<u8>(pointer) - 128 : -128;
}

/** Stores the first `count` (1 to 16) bytes. */
// @ts-ignore: decorator
@inline
export function storeBytes(pointer: usize, value: v128, count: i32): void {
  if (count >= 16) {
    v128.store(pointer, value);
    return;
  }
  if (count & 8) {
    v128.store64_lane(pointer, value, 0);
    value = i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0);
    pointer += 8;
  }
  if (count & 4) {
    v128.store32_lane(pointer, value, 0);
    value = i8x16.shuffle(value, value, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    pointer += 4;
  }
  if (count & 2) {
    v128.store16_lane(pointer, value, 0);
    value = i8x16.shuffle(value, value, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    pointer += 2;
  }
  if (count & 1) v128.store8_lane(pointer, value, 0);
}

/** A float32 of at most 2^22 plus this has its rounded value (halves to even) in the low bits, above ROUNDER_BITS. */
export const ROUNDER: f32 = 12582912;
export const ROUNDER_BITS: i32 = 0x4b400000;

/** Sixteen int8 of sixteen float32, rounded; `offset` is ROUNDER_BITS less the zero point. They must be in range. */
// @ts-ignore: decorator
@inline
export function roundBytes(a: v128, b: v128, c: v128, d: v128, offset: v128): v128 {
  const rounder = f32x4.splat(ROUNDER);
  return i8x16.narrow_i16x8_s(
    i16x8.narrow_i32x4_s(i32x4.sub(f32x4.add(a, rounder), offset), i32x4.sub(f32x4.add(b, rounder), offset)),
    i16x8.narrow_i32x4_s(i32x4.sub(f32x4.add(c, rounder), offset), i32x4.sub(f32x4.add(d, rounder), offset)),
  );
}
