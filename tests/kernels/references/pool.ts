import { structWords } from "../../../src/kernels/struct-words.ts";

export interface PoolShape {
  batch: number;
  inH: number;
  inW: number;
  channels: number;
  inStride: number;
  outH: number;
  outW: number;
  outStride: number;
  kH: number;
  kW: number;
  strideH: number;
  strideW: number;
  padTop: number;
  padLeft: number;
  padBottom: number;
  padRight: number;
  dilH: number;
  dilW: number;
}

/** The SpatialShape of a pool. */
export const poolStruct = (s: PoolShape): Int32Array =>
  structWords("SpatialShape", { ...s, inC: s.channels, outC: s.channels, group: 1 });

/** Calls reduce(values inside the image, taps inside the padded image) for every output element; channels-last. */
export function pool(
  s: PoolShape,
  x: Float32Array,
  reduce: (values: number[], padded: number) => number,
): Float64Array {
  const y = new Float64Array(s.batch * s.outH * s.outW * s.outStride);
  for (let n = 0; n < s.batch; n++) {
    for (let oy = 0; oy < s.outH; oy++) {
      for (let ox = 0; ox < s.outW; ox++) {
        for (let c = 0; c < s.channels; c++) {
          const values: number[] = [];
          let padded = 0;
          for (let ky = 0; ky < s.kH; ky++) {
            for (let kx = 0; kx < s.kW; kx++) {
              const iy = oy * s.strideH - s.padTop + ky * s.dilH;
              const ix = ox * s.strideW - s.padLeft + kx * s.dilW;
              if (iy < s.inH + s.padBottom && ix < s.inW + s.padRight) padded++;
              if (iy < 0 || ix < 0 || iy >= s.inH || ix >= s.inW) continue;
              values.push(x[((n * s.inH + iy) * s.inW + ix) * s.inStride + c] as number);
            }
          }
          y[((n * s.outH + oy) * s.outW + ox) * s.outStride + c] = reduce(values, padded);
        }
      }
    }
  }
  return y;
}

export const sum = (values: number[]): number => values.reduce((total, v) => total + v, 0);
export const norm = (values: number[], p: number): number =>
  sum(values.map((v) => Math.abs(v) ** p)) ** (1 / p);
