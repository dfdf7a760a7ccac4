import type { TensorData } from "../../tensor.ts";
import type { BufferRef } from "../arguments.ts";
import { isConstant, type LowerContext, type Operand } from "../context.ts";
import { PANEL_COLUMNS } from "../matrix/packing.ts";
import type { Known } from "../site.ts";

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

/** One dimension of the transform, G·g: three numbers `step` apart to six that are `toStep` apart. */
function transform(
  source: Float64Array,
  from: number,
  step: number,
  target: Float64Array,
  to: number,
  toStep: number,
): void {
  const g0 = source[from] as number;
  const g1 = source[from + step] as number;
  const g2 = source[from + 2 * step] as number;
  const evenA = (g0 + A * A * g2) * SCALE_A;
  const oddA = A * g1 * SCALE_A;
  const evenB = (g0 + B * B * g2) * SCALE_B;
  const oddB = B * g1 * SCALE_B;
  target[to] = g0 * SCALE_ZERO;
  target[to + toStep] = evenA + oddA;
  target[to + 2 * toStep] = evenA - oddA;
  target[to + 3 * toStep] = evenB + oddB;
  target[to + 4 * toStep] = evenB - oddB;
  target[to + 5 * toStep] = g2;
}

/** Transforms O,I,3,3 weights (G·g·Gᵀ in float64) to `[ceil(outC/8)][36][inC][8]`; columns past the last are zero. */
export function packWinogradWeights(source: TensorData, target: Float32Array): void {
  const [outC, inC] = source.dims as [number, number];
  const weights = source.data as Float32Array;
  const plane = inC * PANEL_COLUMNS;
  const taps = new Float64Array(9);
  const half = new Float64Array(18);
  // One input channel of a panel: written straight to `target`, its 36 lines would compete for one set of the cache.
  // In float64 like `half`, as `transform` is a quarter faster where it meets one type of array.
  const points = new Float64Array(PLANES * PANEL_COLUMNS);
  for (let first = 0; first < outC; first += PANEL_COLUMNS) {
    const lanes = Math.min(PANEL_COLUMNS, outC - first);
    if (lanes < PANEL_COLUMNS) points.fill(0);
    for (let ic = 0; ic < inC; ic++) {
      for (let lane = 0; lane < lanes; lane++) {
        const from = ((first + lane) * inC + ic) * 9;
        for (let i = 0; i < 9; i++) taps[i] = weights[from + i] as number;
        for (let i = 0; i < 3; i++) transform(taps, i, 3, half, i, 3);
        for (let i = 0; i < 6; i++)
          transform(half, 3 * i, 1, points, 6 * i * PANEL_COLUMNS + lane, PANEL_COLUMNS);
      }
      let to = first * PLANES * inC + ic * PANEL_COLUMNS;
      for (let i = 0; i < points.length; i += PANEL_COLUMNS) {
        for (let lane = 0; lane < PANEL_COLUMNS; lane++) target[to + lane] = points[i + lane] as number;
        to += plane;
      }
    }
  }
}

/** Tiles from which it pays to transform weights at every run, which costs about as much as eight tiles do. */
export const CHANGING_WEIGHT_TILES = 32;

/**
 * Weights as `f32_conv_winograd4` reads them: transformed once where they are constant, else, in training, at every run.
 * `turned` gives those of the convolution that makes the gradient by the input.
 */
export function winogradWeights<A>(context: LowerContext<A>, w: Operand, turned = false): BufferRef {
  const [o, i] = w.dims as [number, number];
  const [outC, inC] = turned ? [i, o] : [o, i];
  const elements = packedWinogradElements(outC, inC);
  if (isConstant(w) && !turned)
    return context.packed(w, "winograd", Float32Array, elements, packWinogradWeights);
  const packed = context.scratch(elements * 4);
  context.call("f32_winograd_weights", context.at(w), packed, outC, inC, turned ? 1 : 0);
  return packed;
}

/** The tiles of 4×4 pixels that cover an image of rank 4, batch included. */
export const winogradTiles = ({ dims: [batch, , height, width] }: Known): number =>
  (batch as number) * Math.ceil((height as number) / 4) * Math.ceil((width as number) / 4);
