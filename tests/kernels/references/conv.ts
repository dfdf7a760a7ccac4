import type { SpatialShape } from "../../../src/kernels/contract.ts";
import { structWords } from "../../../src/kernels/struct-words.ts";
import { activate, type Reference, reference } from "./close.ts";

/** A SpatialShape that tests may change. */
export type Spatial = { -readonly [Field in keyof SpatialShape]: SpatialShape[Field] };

export const structOf = (s: Spatial): Int32Array => structWords("SpatialShape", s);

export interface Operands {
  x: ArrayLike<number>;
  /** [outC][kH][kW][inC/group] */
  w: ArrayLike<number>;
  bias?: ArrayLike<number> | undefined;
  residual?: ArrayLike<number> | undefined;
  residualStride?: number;
  activation?: number;
  alpha?: number;
  beta?: number;
}

/** Dense [batch][outH][outW][outC] in float64. */
export function conv(s: Spatial, o: Operands): Reference {
  const out = reference(s.batch * s.outH * s.outW * s.outC);
  const [inC, outC] = [s.inC / s.group, s.outC / s.group];
  for (let p = 0; p < s.batch * s.outH * s.outW; p++) {
    const [n, oy, ox] = [Math.floor(p / (s.outH * s.outW)), Math.floor(p / s.outW) % s.outH, p % s.outW];
    for (let c = 0; c < s.outC; c++) {
      const start = (o.bias?.[c] ?? 0) + (o.residual?.[p * (o.residualStride ?? s.outC) + c] ?? 0);
      let sum = start;
      let magnitude = Math.abs(start);
      for (let ky = 0; ky < s.kH; ky++) {
        const iy = oy * s.strideH - s.padTop + ky * s.dilH;
        if (iy < 0 || iy >= s.inH) continue;
        for (let kx = 0; kx < s.kW; kx++) {
          const ix = ox * s.strideW - s.padLeft + kx * s.dilW;
          if (ix < 0 || ix >= s.inW) continue;
          const from = ((n * s.inH + iy) * s.inW + ix) * s.inStride + Math.floor(c / outC) * inC;
          const weights = ((c * s.kH + ky) * s.kW + kx) * inC;
          for (let i = 0; i < inC; i++) {
            const term = (o.x[from + i] as number) * (o.w[weights + i] as number);
            sum += term;
            magnitude += Math.abs(term);
          }
        }
      }
      out.values[p * s.outC + c] = activate(o.activation ?? 0, o.alpha ?? 0, o.beta ?? 0, sum);
      out.magnitudes[p * s.outC + c] = magnitude;
    }
  }
  return out;
}

/** [group][ceil(outC/group/8)][kH*kW*inC/group][8] from [outC][kH][kW][inC/group]. */
export function packConv(s: Spatial, w: ArrayLike<number>): Float32Array {
  const outC = s.outC / s.group;
  const k = (s.kH * s.kW * s.inC) / s.group;
  const panels = Math.ceil(outC / 8);
  const packed = new Float32Array(s.group * panels * k * 8);
  for (let c = 0; c < s.outC; c++) {
    const [g, j] = [Math.floor(c / outC), c % outC];
    for (let p = 0; p < k; p++) {
      packed[((g * panels + (j >> 3)) * k + p) * 8 + (j & 7)] = w[c * k + p] as number;
    }
  }
  return packed;
}

/** Output size along one axis (floor), at least 0. */
export const outSize = (
  size: number,
  kernel: number,
  stride: number,
  pads: number,
  dilation: number,
): number => Math.max(0, Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1);

/** Dense rows out of a channel slice; throws when something between the slices is no longer the canary. */
export function dense(
  values: Float32Array,
  bits: Int32Array,
  rows: number,
  cols: number,
  stride: number,
): Float32Array {
  const out = new Float32Array(rows * cols);
  for (let i = 0; i < values.length; i++) {
    const [row, column] = [Math.floor(i / stride), i % stride];
    if (column < cols) out[row * cols + column] = values[i] as number;
    else if (bits[i] !== 0x7fc0dead) throw new Error(`wrote the gap behind row ${row}`);
  }
  return out;
}
