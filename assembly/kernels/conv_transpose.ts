// Transposed convolution: every input pixel times all the weights gives kH*kW*outC/group columns, which are then added
// to the output pixels they belong to, block by block of input pixels.
//
// Shares are output rows, so input rows near a border are multiplied by both neighbours. An output receives its terms
// in the order of the input pixels, whatever the shares.
import { Unary } from "../codes";
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { convScratchBytes } from "./conv";
import { block, blockRows } from "./gemm_block";
import { TILE_COLS } from "./gemm_tile";
import { unaryRows } from "./unary_rows";

/** Scratch of `f32_conv_transpose` for each part: what `f32_conv` has for as deep a product, the columns filled up. */
// @ts-ignore: decorator
@inline
export function convTransposeScratchBytes(columns: i32): usize {
  return convScratchBytes((columns + TILE_COLS - 1) & -TILE_COLS);
}

/**
 * The shape's pads are those of the operator; `w` packed [group][ceil(kH·kW·outC/group/8)][inC/group][8], its column
 * (ky·kW + kx)·outC/group + oc.
 */
export function f32_conv_transpose(
  shape: SpatialShape,
  x: usize,
  w: usize,
  bias: usize,
  y: usize,
  activation: Unary,
  alpha: f32,
  beta: f32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const s = shape;
  assert(s.inC % s.group == 0 && s.outC % s.group == 0 && part >= 0 && part < parts);
  const columns = (s.kH * s.kW * (s.outC / s.group) + TILE_COLS - 1) & -TILE_COLS;
  scratch += <usize>part * convTransposeScratchBytes(columns);
  const end = shareBegin(s.batch * s.outH, part + 1, parts);
  let row = shareBegin(s.batch * s.outH, part, parts);
  while (row < end) {
    const n = row / s.outH;
    const top = row - n * s.outH;
    const bottom = min(s.outH, end - n * s.outH);
    const to = y + <usize>row * s.outW * ((<usize>s.outStride) << 2);
    const pixels = (bottom - top) * s.outW;
    fillRows(to, (<usize>s.outStride) << 2, pixels, s.outC, bias);
    addRows(s, x, w, y, columns, n, top, bottom, scratch);
    if (activation) unaryRows(activation, alpha, beta, to, s.outStride, to, s.outStride, pixels, s.outC);
    row += bottom - top;
  }
}

function fillRows(to: usize, step: usize, rows: i32, cols: i32, bias: usize): void {
  while (rows > 0) {
    if (bias) memory.copy(to, bias, (<usize>cols) << 2);
    else memory.fill(to, 0, (<usize>cols) << 2);
    to += step;
    rows--;
  }
}

/** Adds what the output rows [top, bottom) of image n receive. */
function addRows(
  s: SpatialShape,
  x: usize,
  w: usize,
  y: usize,
  columns: i32,
  n: i32,
  top: i32,
  bottom: i32,
  scratch: usize,
): void {
  const inC = s.inC / s.group;
  const outC = s.outC / s.group;
  const ldx = (<usize>s.inStride) << 2;
  const ldc = (<usize>columns) << 2;
  const over = top + s.padTop - (s.kH - 1) * s.dilH;
  const first = (over <= 0 ? 0 : (over + s.strideH - 1) / s.strideH) * s.inW;
  const last = min(s.inH, (bottom - 1 + s.padTop) / s.strideH + 1) * s.inW;
  const step = blockRows(last - first, columns);
  for (let pixel = first; pixel < last; pixel += step) {
    const rows = min(step, last - pixel);
    const from = x + <usize>(n * s.inH * s.inW + pixel) * ldx;
    for (let g = 0; g < s.group; g++) {
      block(
        rows,
        0,
        columns,
        inC,
        from + ((<usize>(g * inC)) << 2),
        ldx,
        w + <usize>(g * inC) * ldc,
        scratch,
        ldc,
        0,
        0,
        0,
        -Infinity,
        Infinity,
        0,
      );
      const to =
        y + <usize>n * (<usize>(s.outH * s.outW) * ((<usize>s.outStride) << 2)) + ((<usize>(g * outC)) << 2);
      scatter(s, scratch, ldc, pixel, rows, to, outC, top, bottom);
    }
  }
}

/** Adds the columns of `rows` input pixels from `pixel` on to the output rows [top, bottom) at y. */
function scatter(
  s: SpatialShape,
  from: usize,
  ldc: usize,
  pixel: i32,
  rows: i32,
  y: usize,
  outC: i32,
  top: i32,
  bottom: i32,
): void {
  const outPixel = (<usize>s.outStride) << 2;
  const tap = (<usize>outC) << 2;
  // A row of taps falls on neighbours in memory.
  const dense = s.dilW == 1 && s.outStride == outC;
  for (let i = 0; i < rows; i++) {
    const iy = (pixel + i) / s.inW;
    const ix = (pixel + i) % s.inW;
    let oy = iy * s.strideH - s.padTop;
    let source = from + <usize>i * ldc;
    for (let ky = 0; ky < s.kH; ky++) {
      let ox = ix * s.strideW - s.padLeft;
      if (oy < top || oy >= bottom) {
        source += <usize>s.kW * tap;
      } else if (dense) {
        const first = min(max(-ox, 0), s.kW);
        const count = max(min(s.outW - ox, s.kW) - first, 0);
        const to = y + <usize>(oy * s.outW + ox + first) * outPixel;
        add(source + <usize>first * tap, to, count * outC);
        source += <usize>s.kW * tap;
      } else {
        for (let kx = 0; kx < s.kW; kx++) {
          if (<u32>ox < <u32>s.outW) add(source, y + <usize>(oy * s.outW + ox) * outPixel, outC);
          source += tap;
          ox += s.dilW;
        }
      }
      oy += s.dilH;
    }
  }
}

function add(from: usize, to: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  const vectors = end - 15;
  while (to < vectors) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    from += 16;
    to += 16;
  }
  while (to < end) {
    f32.store(to, f32.load(to) + f32.load(from));
    from += 4;
    to += 4;
  }
}
