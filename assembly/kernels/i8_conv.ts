// Any convolution, and any product, of 8-bit numbers: the receptive fields of a block of output pixels are widened to rows
// of int16, which the tiles multiply while they are in cache; the sums of a panel are finished while they are in L1.
import { Sum } from "../codes";
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { finishSums } from "./i8_finish";
import { I8_TILE_ROWS, i8tile1x8, i8tile5x8 } from "./i8_tile";
import { widenFields, widenRows, zeroPointAt } from "./i8_widen";

/** Tiles of pixels that a part needs at least before pixels are what is shared out; below, columns are. */
const SHARE_TILES: i32 = 4;
const BLOCK_ROWS: i32 = 120;
const BLOCK_BYTES: i32 = 192 << 10;
/** The sums of a block's panel. */
const SUM_BYTES: usize = BLOCK_ROWS * 32;
/** The sums, and what widening overshoots. */
const FIXED_BYTES: usize = 4096;
/** The bias where there is none. */
const NO_BIAS: usize = memory.data(32, 16);

/**
 * Any number of rows by one panel: tiles of five, of which the last may compute rows that nobody asked for. (Two calls keep
 * the tile a function of its own, with the registers to itself.)
 */
function panel(rows: i32, a: usize, lda: usize, b: usize, bEnd: usize, sums: usize, bias: usize): void {
  if (rows == 1) {
    i8tile1x8(a, b, bEnd, sums, bias);
    return;
  }
  while (rows > I8_TILE_ROWS) {
    i8tile5x8(a, lda, b, bEnd, sums, bias);
    a += <usize>I8_TILE_ROWS * lda;
    sums += I8_TILE_ROWS << 5;
    rows -= I8_TILE_ROWS;
  }
  i8tile5x8(a, lda, b, bEnd, sums, bias);
}

/** Rows whose widened form stays in cache while every panel passes by: a multiple of the tile, the blocks even. */
function blockRows(rows: i32, rowBytes: i32): i32 {
  const most = min(max(BLOCK_BYTES / max(rowBytes, 1), 4 * I8_TILE_ROWS), BLOCK_ROWS) / I8_TILE_ROWS;
  const tiles = (rows + I8_TILE_ROWS - 1) / I8_TILE_ROWS;
  const blocks = (tiles + most - 1) / most;
  return blocks ? (tiles + blocks - 1) / blocks * I8_TILE_ROWS : I8_TILE_ROWS;
}

/** Scratch of `i8_conv` for each part, with k = kH*kW*inC/group: sums of a panel, and the widened rows of a block. */
// @ts-ignore: decorator
@inline
export function i8ConvScratchBytes(k: i32): usize {
  const rowBytes = <usize>((k + 1) & ~1) << 1;
  return FIXED_BYTES + min<usize>(max<usize>(BLOCK_BYTES, rowBytes * (4 * I8_TILE_ROWS)), rowBytes * BLOCK_ROWS);
}

/**
 * Any convolution, and any product (as a 1×1 one), of 8-bit numbers: `x` int8 (xSigned 1) or uint8, `xZero` its zero
 * point's address; `w` int16 less their zero points, packed [group][ceil(outC/group/8)][K/2][8][2] with K =
 * kH·kW·inC/group rounded up to even; `bias` int32. Of kind int32 y is the sums; float32: clamp(sum·scale[c]·multiplier
 * + shift[c], low, high), `multiplier` an address or 0; int8 and uint8: round(clamp(sum·scale[c], low, high)) + yZero,
 * halves to even, low and high within the type's range less yZero, or ∓Infinity where no |sum·scale| reaches 2^22.
 */
export function i8_conv(
  shape: SpatialShape, x: usize, xSigned: i32, xZero: usize, w: usize, bias: usize, scale: usize, multiplier: usize,
  shift: usize, y: usize, kind: Sum, yZero: i32, low: f32, high: f32, scratch: usize, part: i32, parts: i32,
): void {
  const s = shape;
  assert(s.inC % s.group == 0 && s.outC % s.group == 0 && part >= 0 && part < parts);
  const inC = s.inC / s.group;
  const outC = s.outC / s.group;
  const k = s.kH * s.kW * inC;
  const rowBytes = <usize>((k + 1) & ~1) << 1;
  const panels = (outC + 7) >> 3;
  const pixels = s.batch * s.outH * s.outW;
  const tiles = (pixels + I8_TILE_ROWS - 1) / I8_TILE_ROWS;

  let top = 0;
  let bottom = pixels;
  let left = 0;
  let right = s.group * panels;
  if (tiles >= parts * SHARE_TILES || tiles >= right) {
    top = shareBegin(tiles, part, parts) * I8_TILE_ROWS;
    bottom = min(pixels, shareBegin(tiles, part + 1, parts) * I8_TILE_ROWS);
  } else {
    left = shareBegin(s.group * panels, part, parts);
    right = shareBegin(s.group * panels, part + 1, parts);
  }
  if (right <= left || bottom <= top) return;

  const plain =
    (s.kH | s.kW | s.strideH | s.strideW) == 1 && (s.padTop | s.padLeft) == 0 && s.outH == s.inH && s.outW == s.inW;
  const zero = zeroPointAt(xZero, xSigned);
  const factor: f32 = multiplier ? load<f32>(multiplier) : 1;
  const size: i32 = kind <= Sum.float32 ? 2 : 0;
  const ldy = <usize>s.outStride << size;
  const sums = scratch + <usize>part * i8ConvScratchBytes(k);
  const rowsAt = sums + SUM_BYTES;
  const panelBytes = rowBytes << 3;
  const step = blockRows(bottom - top, <i32>rowBytes);
  for (let row = top; row < bottom; row += step) {
    const rows = min(step, bottom - row);
    for (let g = left / panels; g * panels < right; g++) {
      const from = x + <usize>(g * inC);
      if (plain) widenRows(xSigned, from + <usize>row * s.inStride, s.inStride, rows, k, rowsAt, rowBytes, zero);
      else widenFields(s, xSigned, zero, from, inC, row, rows, rowsAt, rowBytes);
      const first = max(0, left - g * panels);
      const last = min(panels, right - g * panels);
      let b = w + <usize>(g * panels + first) * panelBytes;
      for (let p = first; p < last; p++) {
        const channel = g * outC + (p << 3);
        const at = <usize>channel << 2;
        panel(rows, rowsAt, rowBytes, b, b + panelBytes, sums, bias ? bias + at : NO_BIAS);
        finishSums(
          kind, rows, min(8, outC - (p << 3)), sums, scale + at, factor, shift ? shift + at : 0, yZero, low, high,
          y + <usize>row * ldy + (<usize>channel << size), ldy,
        );
        b += panelBytes;
      }
    }
  }
}
