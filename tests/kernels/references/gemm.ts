import { activate, type Reference, reference } from "./close.ts";

export interface GemmCase {
  m: number;
  n: number;
  k: number;
  lda: number;
  a: ArrayLike<number>;
  /** Row-major [k][n]. */
  b: ArrayLike<number>;
  bias?: ArrayLike<number> | undefined;
  residual?: ArrayLike<number> | undefined;
  ldr?: number;
  activation?: number;
  alpha?: number;
  beta?: number;
}

/** Row-major [m][n] in float64. */
export function gemm(c: GemmCase): Reference {
  const out = reference(c.m * c.n);
  for (let i = 0; i < c.m; i++) {
    for (let j = 0; j < c.n; j++) {
      const start = (c.bias?.[j] ?? 0) + (c.residual?.[i * (c.ldr ?? c.n) + j] ?? 0);
      let sum = start;
      let magnitude = Math.abs(start);
      for (let p = 0; p < c.k; p++) {
        const term = (c.a[i * c.lda + p] as number) * (c.b[p * c.n + j] as number);
        sum += term;
        magnitude += Math.abs(term);
      }
      out.values[i * c.n + j] = activate(c.activation ?? 0, c.alpha ?? 0, c.beta ?? 0, sum);
      out.magnitudes[i * c.n + j] = magnitude;
    }
  }
  return out;
}

/** [ceil(n/8)][k][8], the last panel filled up with zeros. */
export function packB(b: ArrayLike<number>, k: number, n: number): Float32Array {
  const packed = new Float32Array(Math.ceil(n / 8) * k * 8);
  for (let j = 0; j < n; j++) {
    for (let p = 0; p < k; p++) packed[((j >> 3) * k + p) * 8 + (j & 7)] = b[p * n + j] as number;
  }
  return packed;
}
