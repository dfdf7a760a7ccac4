// The gradient of any convolution by its weight, in two calls. The first sums receptive fields times slopes over chunks
// of output pixels; how many chunks the shape alone says, so that no number of parts changes the order of a sum. The
// second adds the chunks and turns the sums round.
//
// Sums, in floats for each chunk and K = kH*kW*inC/group:  [group][ceil(outC/group/8)][K][8]
import { SpatialShape } from "../../shapes";
import { shareBegin } from "../../simd";
import { gatherRows } from "../conv_gather";
import { sumProducts } from "./weight_tile";

const PANEL: i32 = 8;
/** Pixels of a block: their gathered rows stay in L2 while every panel of slopes passes by. */
const MOST_PIXELS: i32 = 256;
const LEAST_PIXELS: i32 = 48;
const BLOCK_FLOATS: i32 = 65536;
/** A block's panel of slopes, where it is worth to have it in one piece. */
const PANEL_FLOATS: i32 = MOST_PIXELS * PANEL;
const SLACK_FLOATS: i32 = 1024;
/** Depth from which a panel of slopes is read often enough to be copied together first. */
const PACKED_DEPTH: i32 = 64;

function copyPanel(from: usize, step: usize, to: usize, count: i32): void {
  const end = to + (<usize>count << 5);
  while (to < end) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += step;
    to += 32;
  }
}

/**
 * Room for a chunk's sums, with k = kH*kW*inC/group, for all parts; those of `f32_dwconv_weight_sums` too, k = kH*kW and
 * group 1.
 */
// @ts-ignore: decorator
@inline
export function weightSumsScratchBytes(group: i32, outC: i32, k: i32): usize {
  return <usize>(group * ((outC / group + PANEL - 1) / PANEL)) * <usize>k << 5;
}

/** Scratch of `f32_conv_weight_sums` for each part, with k = kH*kW*inC/group: a panel of slopes, and gathered rows. */
// @ts-ignore: decorator
@inline
export function convWeightScratchBytes(k: i32): usize {
  const most = max(LEAST_PIXELS * k, min(MOST_PIXELS * k, BLOCK_FLOATS));
  return <usize>(SLACK_FLOATS + PANEL_FLOATS + most) << 2;
}

/**
 * sums[chunk][group][panel][K][8] of x and dy, both channels-last. What is shared out are the panels of all chunks.
 * Columns behind a group's last channel hold what happens to lie there.
 */
export function f32_conv_weight_sums(
  shape: SpatialShape,
  x: usize,
  dy: usize,
  sums: usize,
  chunks: i32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  const s = shape;
  assert(s.inC % s.group == 0 && s.outC % s.group == 0 && part >= 0 && part < parts);
  const inC = s.inC / s.group;
  const outC = s.outC / s.group;
  const k = s.kH * s.kW * inC;
  const panels = (outC + PANEL - 1) / PANEL;
  const pixels = s.batch * s.outH * s.outW;
  const inPlace =
    (s.kH | s.kW | s.strideH | s.strideW) == 1 &&
    (s.padTop | s.padLeft) == 0 &&
    s.outH == s.inH &&
    s.outW == s.inW;
  const ldx = <usize>s.inStride << 2;
  const ldy = <usize>s.outStride << 2;
  const rowBytes = <usize>k << 2;
  const sumBytes = <usize>k << 5;
  const step = min(max(BLOCK_FLOATS / max(k, 1), LEAST_PIXELS), MOST_PIXELS);
  const packed = scratch + <usize>part * convWeightScratchBytes(k);
  const gathered = packed + (<usize>PANEL_FLOATS << 2);
  const packs = k >= PACKED_DEPTH;

  const end = shareBegin(chunks * s.group * panels, part + 1, parts);
  for (let item = shareBegin(chunks * s.group * panels, part, parts); item < end; ) {
    const g = item / panels % s.group;
    const chunk = item / panels / s.group;
    const firstPanel = item % panels;
    const lastPanel = min(panels, firstPanel + end - item);
    const bottom = shareBegin(pixels, chunk + 1, chunks);
    const top = shareBegin(pixels, chunk, chunks);
    const channels = x + (<usize>(g * inC) << 2);
    if (top == bottom) memory.fill(sums + <usize>item * sumBytes, 0, <usize>(lastPanel - firstPanel) * sumBytes);
    for (let pixel = top; pixel < bottom; pixel += step) {
      const rows = min(step, bottom - pixel);
      let a = channels + <usize>pixel * ldx;
      if (!inPlace) {
        gatherRows(s, channels, inC, pixel, rows, gathered);
        a = gathered;
      }
      for (let p = firstPanel; p < lastPanel; p++) {
        let b = dy + <usize>pixel * ldy + (<usize>(g * outC + p * PANEL) << 2);
        if (packs) {
          copyPanel(b, ldy, packed, rows);
          b = packed;
        }
        const to = sums + <usize>(item + p - firstPanel) * sumBytes;
        sumProducts(rows, k, a, inPlace ? ldx : rowBytes, b, packs ? 32 : ldy, to, pixel == top);
      }
    }
    item += lastPanel - firstPanel;
  }
}

/**
 * dw[group*outC][inC][taps] from sums[chunks][group][ceil(outC/8)][taps*inC][8], the channels those of a group. Chunks
 * are added in order. What is shared out are panels.
 */
export function f32_conv_weight_finish(
  sums: usize,
  dw: usize,
  chunks: i32,
  group: i32,
  outC: i32,
  inC: i32,
  taps: i32,
  part: i32,
  parts: i32,
): void {
  assert(part >= 0 && part < parts);
  const panels = (outC + PANEL - 1) / PANEL;
  const k = taps * inC;
  const chunkBytes = <usize>(group * panels) * <usize>k << 5;
  const filterBytes = <usize>k << 2;
  const end = shareBegin(group * panels, part + 1, parts);
  for (let item = shareBegin(group * panels, part, parts); item < end; item++) {
    const column = item % panels * PANEL;
    const filters = min(PANEL, outC - column);
    const to = dw + <usize>(item / panels * outC + column) * filterBytes;
    let from = sums + (<usize>item * <usize>k << 5);
    for (let tap = 0; tap < taps; tap++) {
      for (let c = 0; c < inC; c++) {
        let sum0123 = v128.load(from);
        let sum4567 = v128.load(from, 16);
        for (let chunk = 1, at = from + chunkBytes; chunk < chunks; chunk++, at += chunkBytes) {
          sum0123 = f32x4.add(sum0123, v128.load(at));
          sum4567 = f32x4.add(sum4567, v128.load(at, 16));
        }
        storeColumn(to + (<usize>(c * taps + tap) << 2), filterBytes, sum0123, filters);
        storeColumn(to + (<usize>(c * taps + tap) << 2) + 4 * filterBytes, filterBytes, sum4567, filters - 4);
        from += 32;
      }
    }
  }
}

/** The first `count` lanes, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function storeColumn(to: usize, step: usize, value: v128, count: i32): void {
  if (count > 0) f32.store(to, f32x4.extract_lane(value, 0));
  if (count > 1) f32.store(to + step, f32x4.extract_lane(value, 1));
  if (count > 2) f32.store(to + 2 * step, f32x4.extract_lane(value, 2));
  if (count > 3) f32.store(to + 3 * step, f32x4.extract_lane(value, 3));
}
