import type { TensorData } from "../../tensor.ts";
import type { Operand } from "../lowering.ts";
import { PANEL_COLUMNS } from "./gemm-packing.ts";

/*
 * Winograd F(4×4, 3×3) with the points 0, ±A, ±B and ∞ of `assembly/kernels/winograd_points.ts`; the layout of the
 * transformed weights is drawn in `assembly/kernels/winograd.ts`.
 */

const A = 5 / 8;
const B = 3 / 2;
/** The weight at each point is divided by the product of its distances to the others. */
const SCALE_ZERO = 1 / (A * A * B * B);
const SCALE_A = 1 / (2 * A * A * (A * A - B * B));
const SCALE_B = 1 / (2 * B * B * (B * B - A * A));
/** Products of a tile: 6 rows × 6 columns. */
const PLANES = 36;

/** Elements of the transformed weights of `f32_conv_winograd4`: `[ceil(outC/8)][36][inC][8]`. */
export const packedWinogradElements = (outC: number, inC: number): number =>
  Math.ceil(outC / PANEL_COLUMNS) * PLANES * inC * PANEL_COLUMNS;

/** One dimension of the transform, G·g, of three numbers `step` apart at `from` to six, also `step` apart. */
function transform(source: Float64Array, from: number, target: Float64Array, to: number, step: number): void {
  const g0 = source[from] as number;
  const g1 = source[from + step] as number;
  const g2 = source[from + 2 * step] as number;
  const evenA = (g0 + A * A * g2) * SCALE_A;
  const oddA = A * g1 * SCALE_A;
  const evenB = (g0 + B * B * g2) * SCALE_B;
  const oddB = B * g1 * SCALE_B;
  target[to] = g0 * SCALE_ZERO;
  target[to + step] = evenA + oddA;
  target[to + 2 * step] = evenA - oddA;
  target[to + 3 * step] = evenB + oddB;
  target[to + 4 * step] = evenB - oddB;
  target[to + 5 * step] = g2;
}

/** Transforms O,I,3,3 weights (G·g·Gᵀ in float64) to `[ceil(outC/8)][36][inC][8]`; columns past the last are zero. */
export function packWinogradWeights(source: TensorData, target: Float32Array): void {
  const [outC, inC] = source.dims as [number, number];
  const weights = source.data as Float32Array;
  const plane = inC * PANEL_COLUMNS;
  const taps = new Float64Array(9);
  const half = new Float64Array(18);
  const points = new Float64Array(PLANES);
  if (outC % PANEL_COLUMNS !== 0) target.fill(0);
  for (let first = 0; first < outC; first += PANEL_COLUMNS) {
    const panel = first * PLANES * inC;
    const lanes = Math.min(PANEL_COLUMNS, outC - first);
    for (let ic = 0; ic < inC; ic++) {
      for (let lane = 0; lane < lanes; lane++) {
        const from = ((first + lane) * inC + ic) * 9;
        for (let i = 0; i < 9; i++) taps[i] = weights[from + i] as number;
        for (let i = 0; i < 3; i++) transform(taps, i, half, i, 3);
        transposedRows(half, points);
        let to = panel + ic * PANEL_COLUMNS + lane;
        for (let i = 0; i < PLANES; i++) {
          target[to] = points[i] as number;
          to += plane;
        }
      }
    }
  }
}

/** The second dimension: six rows of three to six rows of six. */
function transposedRows(half: Float64Array, points: Float64Array): void {
  for (let row = 0; row < 6; row++) transform(half, row * 3, points, row * 6, 1);
}

/** The tiles of 4×4 pixels that cover an image of rank 4, batch included. */
export const winogradTiles = ({ dims: [batch, , height, width] }: Operand): number =>
  (batch as number) * Math.ceil((height as number) / 4) * Math.ceil((width as number) / 4);

/**
 * Bytes of scratch for `f32_conv_winograd4`: WINOGRAD_SCRATCH of `assembly/kernels/winograd.ts`, for an output of
 * `tiles` tiles of 4×4 pixels, batch included.
 */
export function winogradScratchBytes(inC: number, outC: number, tiles: number, parts: number): number {
  const channels = Math.ceil(inC / 4) * 4;
  const fit = Math.min(48, Math.max(12, Math.floor(131072 / (36 * channels))));
  const block = Math.min(inC * outC > 131072 ? 60 : fit, tiles);
  return (2304 + 36 * (block * (channels + 8) + 64)) * 4 * parts;
}
