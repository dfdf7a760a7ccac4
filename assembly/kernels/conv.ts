// Any convolution: the receptive fields of a block of output pixels are gathered into rows, which the GEMM tiles then
// multiply while they are in cache.
import { Unary } from "../codes";
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { clampHigh, clampLow, finishRows } from "./activation";
import { gatherRows } from "./conv_gather";
import { BLOCK_BYTES, BLOCK_ROWS, block, blockRows, TAIL_BYTES } from "./gemm_block";
import { MOST_TILE_ROWS, TILE_COLS, TILE_ROWS } from "./gemm_tile";

/** Tiles of pixels that a part needs at least before pixels are what is shared out; below, columns are. */
const SHARE_TILES: i32 = 4;
/** Behind the gathered rows: copies go by whole vectors. */
const SLACK_BYTES: usize = 256;

/**
 * Scratch of `f32_conv` for each part, with k = kH*kW*inC/group: the GEMM's own, and the rows gathered for a block, which
 * is as large as cache takes, yet four tiles at least.
 */
// @ts-ignore: decorator
@inline
export function convScratchBytes(k: i32): usize {
  const rowBytes = <usize>k << 2;
  const most = max<usize>(BLOCK_BYTES, rowBytes * (4 * MOST_TILE_ROWS));
  return TAIL_BYTES + SLACK_BYTES + min<usize>(most, rowBytes * BLOCK_ROWS);
}

/** Any k×k, stride, dilation, group; `w` packed [group][ceil(outC/group/8)][kH·kW·inC/group][8]. */
export function f32_conv(
  shape: SpatialShape,
  x: usize,
  w: usize,
  bias: usize,
  residual: usize,
  residualStride: i32,
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
  const inC = s.inC / s.group;
  const outC = s.outC / s.group;
  const k = s.kH * s.kW * inC;
  const panels = (outC + TILE_COLS - 1) / TILE_COLS;
  const pixels = s.batch * s.outH * s.outW;
  const tiles = (pixels + TILE_ROWS - 1) / TILE_ROWS;

  let top = 0;
  let bottom = pixels;
  let left = 0;
  let right = s.group * panels;
  if (tiles >= parts * SHARE_TILES || tiles >= right) {
    top = shareBegin(tiles, part, parts) * TILE_ROWS;
    bottom = min(pixels, shareBegin(tiles, part + 1, parts) * TILE_ROWS);
  } else {
    left = shareBegin(s.group * panels, part, parts);
    right = shareBegin(s.group * panels, part + 1, parts);
  }
  if (right <= left) return;

  const inPlace =
    (s.kH | s.kW | s.strideH | s.strideW) == 1 &&
    (s.padTop | s.padLeft) == 0 &&
    s.outH == s.inH &&
    s.outW == s.inW;
  const ldx = (<usize>s.inStride) << 2;
  const ldy = (<usize>s.outStride) << 2;
  const ldr = (<usize>residualStride) << 2;
  const low = clampLow(activation, alpha);
  const high = clampHigh(activation, beta);
  const rowBytes = (<usize>k) << 2;
  const tail = scratch + <usize>part * convScratchBytes(k);
  const rowsAt = tail + TAIL_BYTES;
  const firstColumn = (left / panels) * outC + (left % panels) * TILE_COLS;
  const lastColumn = (right / panels) * outC + (right % panels) * TILE_COLS;

  const step = blockRows(bottom - top, k);
  for (let row = top; row < bottom; row += step) {
    const rows = min(step, bottom - row);
    const to = y + <usize>row * ldy;
    for (let g = left / panels; g * panels < right; g++) {
      const begin = max(0, left - g * panels) * TILE_COLS;
      const end = min(outC, (right - g * panels) * TILE_COLS);
      const channel = (<usize>(g * outC)) << 2;
      let a = x + ((<usize>(g * inC)) << 2);
      if (inPlace) a += <usize>row * ldx;
      else gatherRows(s, a, inC, row, rows, rowsAt);
      block(
        rows,
        begin,
        end,
        k,
        inPlace ? a : rowsAt,
        inPlace ? ldx : rowBytes,
        w + <usize>(g * panels) * <usize>k * (TILE_COLS << 2),
        to + channel,
        ldy,
        bias ? bias + channel : 0,
        residual ? residual + <usize>row * ldr + channel : 0,
        ldr,
        low,
        high,
        tail,
      );
    }
    finishRows(
      activation,
      alpha,
      beta,
      to + ((<usize>firstColumn) << 2),
      s.outStride,
      rows,
      lastColumn - firstColumn,
    );
  }
}
