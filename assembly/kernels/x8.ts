// Movements of one-byte elements.
import { StridedShape } from "../shapes";
import { shareBegin } from "../simd";

/** Sixteen columns of one row, each byte to a row of its own, `ldd` apart. */
// @ts-ignore: decorator
@inline
function scatter(to: usize, ldd: usize, value: v128): void {
  v128.store8_lane(to, value, 0);
  v128.store8_lane(to + ldd, value, 1);
  to += 2 * ldd;
  v128.store8_lane(to, value, 2);
  v128.store8_lane(to + ldd, value, 3);
  to += 2 * ldd;
  v128.store8_lane(to, value, 4);
  v128.store8_lane(to + ldd, value, 5);
  to += 2 * ldd;
  v128.store8_lane(to, value, 6);
  v128.store8_lane(to + ldd, value, 7);
  to += 2 * ldd;
  v128.store8_lane(to, value, 8);
  v128.store8_lane(to + ldd, value, 9);
  to += 2 * ldd;
  v128.store8_lane(to, value, 10);
  v128.store8_lane(to + ldd, value, 11);
  to += 2 * ldd;
  v128.store8_lane(to, value, 12);
  v128.store8_lane(to + ldd, value, 13);
  to += 2 * ldd;
  v128.store8_lane(to, value, 14);
  v128.store8_lane(to + ldd, value, 15);
}

/** dst[c][r] = src[r][c] of one matrix, strips of sixteen columns. */
function transposeBytes(src: usize, lds: usize, dst: usize, ldd: usize, rows: i32, cols: i32): void {
  for (; cols >= 16; cols -= 16) {
    let from = src;
    for (let r: usize = 0; r < <usize>rows; r++) {
      scatter(dst + r, ldd, v128.load(from));
      from += lds;
    }
    src += 16;
    dst += 16 * ldd;
  }
  for (; cols > 0; cols--) {
    let from = src;
    for (let r: usize = 0; r < <usize>rows; r++) {
      store<u8>(dst + r, load<u8>(from));
      from += lds;
    }
    src += 1;
    dst += ldd;
  }
}

/** dst[c][r] = src[r][c] for each of `batch` matrices; strides in elements. */
export function x8_transpose(
  src: usize, lds: i32, dst: usize, ldd: i32, rows: i32, cols: i32, batch: i32, strideSrc: i32, strideDst: i32,
  part: i32, parts: i32,
): void {
  assert(lds >= cols && ldd >= rows && 0 <= part && part < parts);
  const strips = (cols + 15) >> 4;
  const begin = shareBegin(strips, part, parts) << 4;
  const end = min(shareBegin(strips, part + 1, parts) << 4, cols);
  src += <usize>begin;
  dst += <usize>begin * ldd;
  for (let i = 0; i < batch; i++) {
    transposeBytes(src, <usize>lds, dst, <usize>ldd, rows, end - begin);
    src += <usize>strideSrc;
    dst += <usize>strideDst;
  }
}

/** dst = src for one-byte elements, in any order of strides, those of a and of y; the two must not overlap. */
export function x8_copy(shape: StridedShape, src: usize, dst: usize, part: i32, parts: i32): void {
  const s = shape;
  assert(0 <= part && part < parts);
  const rows = s.dims0 * s.dims1 * s.dims2 * s.dims3 * s.dims4;
  const last = shareBegin(rows, part + 1, parts);
  const dense = s.aStrides5 == 1 && s.yStrides5 == 1;
  for (let row = shareBegin(rows, part, parts); row < last; row++) {
    let rest = row;
    const i4 = rest % s.dims4;
    rest /= s.dims4;
    const i3 = rest % s.dims3;
    rest /= s.dims3;
    const i2 = rest % s.dims2;
    rest /= s.dims2;
    const i1 = rest % s.dims1;
    const i0 = rest / s.dims1;
    let from = src + <usize>(i0 * s.aStrides0 + i1 * s.aStrides1 + i2 * s.aStrides2 + i3 * s.aStrides3 + i4 * s.aStrides4);
    let to = dst + <usize>(i0 * s.yStrides0 + i1 * s.yStrides1 + i2 * s.yStrides2 + i3 * s.yStrides3 + i4 * s.yStrides4);
    if (dense) {
      memory.copy(to, from, s.dims5);
      continue;
    }
    for (let i = 0; i < s.dims5; i++) {
      store<u8>(to, load<u8>(from));
      from += s.aStrides5;
      to += s.yStrides5;
    }
  }
}
