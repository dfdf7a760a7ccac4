// Convolution 3x3 at stride 1 by Winograd's F(4x4, 3x3): a tile of 4x4 outputs takes 36 multiplications a channel pair
// instead of 144 (Lavin and Gray, https://arxiv.org/abs/1509.09308).
//
// For a block of tiles: the 6x6 patches are transformed to V[36][tiles][inC]; then for each panel of 8 output channels
// 36 GEMMs give M[36][tiles][8], which is small enough for L1 and is transformed to the outputs at once.
//
// Weights U, transformed by the host: [ceil(outC/8)][36][inC][8]
//
//                 oc = 0..7       8..15
//               +----------+   +----------+
//      0  c=0   | u00..u07 |   |          |      36 = 6 rows x 6 columns of G g G'
//         c=1   | u10..u17 |   |          |
//          :    |    :     |   |          |
//      1  c=0   |    :     |   |          |
//          :    |    :     |   |          |
//     35        |    :     |   |          |
//               +----------+   +----------+
import { Unary } from "../codes";
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { clampHigh, clampLow, finishRows } from "./activation";
import { panel as multiply, TOUCH_BYTES, touch } from "./gemm_block";
import { TILE_COLS, TILE_ROWS } from "./gemm_tile";
import { inputTile, PATCH_BYTES } from "./winograd_input";
import { outputColumn, outputEdge, outputRow, outputRowResidual } from "./winograd_output";
import { ZEROS } from "./winograd_zeros";

/**
 * Tiles and panels that a part is to have: with fewer tiles the panels are what is shared out, so that each part reads
 * only its own weights; that each transforms all the input then costs little, unless it has too few panels.
 */
const SHARE_TILES: i32 = 30;
const SHARE_PANELS: i32 = 4;
const ROW_BYTES: usize = TILE_COLS << 2;

/**
 * The most tiles in a block, a multiple of every TILE_ROWS. In a network the weights come from beyond the cache, and
 * reading them once for 60 tiles (14x14 and 28x28 maps: once in all) gains more than keeping V in L2 would.
 */
const MOST_TILES: i32 = 60;

/** Bytes from one of 36 planes to the next: an odd number of cache lines, so that they don't compete for one set. */
// @ts-ignore: decorator
@inline
function planeBytes(bytes: usize): usize {
  return ((bytes + 63) & ~63) | 64;
}

/**
 * Scratch of `f32_conv_winograd4` for each part: a patch, and V and M of a block. `tiles` are those of 4x4 outputs, batch
 * included. A plane's odd number of cache lines takes up to 128 bytes more than its rows.
 */
// @ts-ignore: decorator
@inline
export function winogradScratchBytes(inC: i32, tiles: i32): usize {
  const channelBytes = <usize>((inC + 3) & ~3) << 2;
  return PATCH_BYTES + 36 * (<usize>min(MOST_TILES, tiles) * (channelBytes + ROW_BYTES) + 256);
}

/**
 * 3×3, stride 1, dilation 1, group 1, any pads; `w` transformed as `winograd.ts` draws it. NaN and infinities reach the
 * whole 4×4 tile.
 */
export function f32_conv_winograd4(
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
  assert((s.kH == 3) & (s.kW == 3) & (s.strideH == 1) & (s.strideW == 1) & (s.dilH == 1) & (s.dilW == 1));
  assert(s.group == 1 && part >= 0 && part < parts);
  const tilesW = (s.outW + 3) >> 2;
  const plane = ((s.outH + 3) >> 2) * tilesW;
  const tiles = s.batch * plane;
  const panels = (s.outC + TILE_COLS - 1) / TILE_COLS;
  const units = (tiles + TILE_ROWS - 1) / TILE_ROWS;

  let top = 0;
  let bottom = tiles;
  let left = 0;
  let right = panels;
  if (tiles >= parts * SHARE_TILES || (panels < parts * SHARE_PANELS && units >= panels)) {
    top = shareBegin(units, part, parts) * TILE_ROWS;
    bottom = min(tiles, shareBegin(units, part + 1, parts) * TILE_ROWS);
  } else {
    left = shareBegin(panels, part, parts);
    right = shareBegin(panels, part + 1, parts);
  }
  if (right <= left || bottom <= top) return;

  const channels = (s.inC + 3) & ~3;
  const channelBytes = <usize>channels << 2;
  const cap = min(MOST_TILES, tiles);
  const vPlane = planeBytes(<usize>cap * channelBytes);
  const mPlane = planeBytes(<usize>cap * ROW_BYTES);
  const patch = scratch + <usize>part * winogradScratchBytes(s.inC, tiles);
  const v = patch + PATCH_BYTES;
  const m = v + 36 * vPlane;

  const low = clampLow(activation, alpha);
  const high = clampHigh(activation, beta);
  const slab = <usize>s.inC << 5;
  const ldy = <usize>s.outStride << 2;
  const ldr = <usize>residualStride << 2;
  const share = (bottom - top + TILE_ROWS - 1) / TILE_ROWS;
  const blocks = (share * TILE_ROWS + MOST_TILES - 1) / MOST_TILES;
  const step = min((share + blocks - 1) / blocks * TILE_ROWS, cap);
  for (let first = top; first < bottom; first += step) {
    const count = min(step, bottom - first);
    for (let i = 0; i < count; i++) {
      const at = (first + i) % plane;
      const image = x + <usize>((first + i) / plane * s.inH * s.inW) * (<usize>s.inStride << 2);
      const iy = ((at / tilesW) << 2) - s.padTop;
      const ix = ((at % tilesW) << 2) - s.padLeft;
      inputTile(s, image, iy, ix, patch, v + <usize>i * channelBytes, vPlane);
    }
    for (let panel = left; panel < right; panel++) {
      for (let f = 0; f < 36; f++) {
        const u = w + <usize>(panel * 36 + f) * slab;
        if (f % 6 == 0 && slab >= TOUCH_BYTES) touch(u, u + 6 * slab);
        multiply(
          count, v + <usize>f * vPlane, channelBytes, u, u + slab, m + <usize>f * mPlane, ROW_BYTES,
          0, 0, 0, -Infinity, Infinity,
        );
      }
      for (let f = 0; f < 6; f++) outputColumn(m + <usize>f * mPlane, 6 * mPlane, <usize>count * ROW_BYTES);
      const channel = panel * TILE_COLS;
      const offset = <usize>channel << 2;
      storePanel(
        s, first, count, min(TILE_COLS, s.outC - channel), m, mPlane, y + offset, ldy,
        bias ? bias + offset : ZEROS, residual ? residual + offset : 0, ldr, low, high,
      );
    }
    if (activation > Unary.clip) {
      const cols = min(right * TILE_COLS, s.outC) - left * TILE_COLS;
      finishTiles(s, first, count, y + (<usize>(left * TILE_COLS) << 2), cols, activation, alpha, beta);
    }
  }
}

/** The second pass of the output transform, for one panel: row by row of the tiles that are neighbours. */
function storePanel(
  s: SpatialShape, tile: i32, count: i32, lanes: i32, m: usize, mPlane: usize, y: usize, ldy: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  const tilesH = (s.outH + 3) >> 2;
  const tilesW = (s.outW + 3) >> 2;
  while (count > 0) {
    const tx = tile % tilesW;
    const oy = tile / tilesW % tilesH << 2;
    const run = min(count, tilesW - tx);
    const rows = min(4, s.outH - oy);
    const full = lanes < TILE_COLS ? 0 : min(run, (s.outW >> 2) - tx);
    for (let i = 0; i < rows; i++) {
      const pixel = <usize>((tile / tilesW / tilesH * s.outH + oy + i) * s.outW + (tx << 2));
      let from = m + <usize>(6 * i) * mPlane;
      let to = y + pixel * ldy;
      let r = residual ? residual + pixel * ldr : 0;
      if (full > 0) {
        if (residual) outputRowResidual(full, from, mPlane, to, ldy, bias, r, ldr, low, high);
        else outputRow(full, from, mPlane, to, ldy, bias, low, high);
      }
      for (let t = full; t < run; t++) {
        const skip = <usize>(t << 2);
        outputEdge(
          min(4, s.outW - ((tx + t) << 2)), lanes, from + <usize>t * ROW_BYTES, mPlane, to + skip * ldy, ldy,
          bias, r ? r + skip * ldr : 0, ldr, low, high,
        );
      }
    }
    m += <usize>run * ROW_BYTES;
    tile += run;
    count -= run;
  }
}

/** Activations beyond a clamp, on the outputs of a block of tiles. */
function finishTiles(
  s: SpatialShape, tile: i32, count: i32, y: usize, cols: i32, activation: i32, alpha: f32, beta: f32,
): void {
  const tilesH = (s.outH + 3) >> 2;
  const tilesW = (s.outW + 3) >> 2;
  while (count > 0) {
    const tx = tile % tilesW;
    const oy = tile / tilesW % tilesH << 2;
    const run = min(count, tilesW - tx);
    const pixels = min(run << 2, s.outW - (tx << 2));
    for (let i = 0; i < min(4, s.outH - oy); i++) {
      const pixel = <usize>((tile / tilesW / tilesH * s.outH + oy + i) * s.outW + (tx << 2));
      finishRows(activation, alpha, beta, y + ((pixel * <usize>s.outStride) << 2), s.outStride, pixels, cols);
    }
    tile += run;
    count -= run;
  }
}
