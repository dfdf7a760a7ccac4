import type { Spatial } from "./conv.ts";

/** What the kernels make of their sums, by code: int32, float32, int8, uint8. */
export const KINDS = ["int32", "float32", "int8", "uint8"] as const;

export interface Finish {
  readonly kind: 0 | 1 | 2 | 3;
  readonly scale: Float32Array;
  readonly multiplier: number;
  readonly shift: Float32Array | undefined;
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

export const RANGE = { 2: [-128, 127], 3: [0, 255] } as const;

/** A rounded half-way case goes to the even neighbour. */
export function roundEven(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** One sum as the kernel gives it, in float32 arithmetic. */
export function finish(sum: number, column: number, f: Finish): number {
  if (f.kind === 0) return sum;
  const { fround } = Math;
  const scale = f.scale[column] as number;
  if (f.kind === 1) {
    const value = fround(
      fround(fround(sum) * fround(scale * f.multiplier)) + ((f.shift?.[column] ?? 0) as number),
    );
    return Math.min(Math.max(value, f.low), f.high);
  }
  const value = roundEven(Math.min(Math.max(fround(fround(sum) * scale), f.low), f.high)) + f.zero;
  const [min, max] = RANGE[f.kind];
  return Math.min(Math.max(value, min), max);
}

/** The sums of a convolution, pixel by pixel, dense; w is [outC][inC/group][kH][kW], both less their zero points. */
export function convSums(
  s: Spatial,
  x: ArrayLike<number>,
  zero: number,
  w: ArrayLike<number>,
  bias: Int32Array | undefined,
): number[] {
  const inC = s.inC / s.group;
  const outC = s.outC / s.group;
  const sums: number[] = [];
  for (let n = 0; n < s.batch; n++) {
    for (let oy = 0; oy < s.outH; oy++) {
      for (let ox = 0; ox < s.outW; ox++) {
        for (let oc = 0; oc < s.outC; oc++) {
          let sum = bias?.[oc] ?? 0;
          for (let ky = 0; ky < s.kH; ky++) {
            for (let kx = 0; kx < s.kW; kx++) {
              const iy = oy * s.strideH - s.padTop + ky * s.dilH;
              const ix = ox * s.strideW - s.padLeft + kx * s.dilW;
              if (iy < 0 || iy >= s.inH || ix < 0 || ix >= s.inW) continue;
              const pixel = ((n * s.inH + iy) * s.inW + ix) * s.inStride + Math.floor(oc / outC) * inC;
              for (let c = 0; c < inC; c++) {
                const weight = w[((oc * inC + c) * s.kH + ky) * s.kW + kx] as number;
                sum += ((x[pixel + c] as number) - zero) * weight;
              }
            }
          }
          sums.push(sum);
        }
      }
    }
  }
  return sums;
}
