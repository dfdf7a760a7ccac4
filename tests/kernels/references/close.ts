/** A float64 result with the largest magnitude its sum passed through, which is what rounding errors scale with. */
export interface Reference {
  values: Float64Array;
  magnitudes: Float64Array;
}

export const reference = (count: number): Reference => ({
  values: new Float64Array(count),
  magnitudes: new Float64Array(count),
});

/** Every element within `relative` of the reference's magnitude; NaN and infinities must agree exactly. */
export function checkClose(got: ArrayLike<number>, want: Reference, relative: number, where: string): void {
  if (got.length !== want.values.length)
    throw new Error(`${where}: ${got.length} values for ${want.values.length}`);
  for (let i = 0; i < got.length; i++) {
    const x = got[i] as number;
    const y = want.values[i] as number;
    if (Object.is(x, y) || (x === 0 && y === 0)) continue;
    const bound = relative * (want.magnitudes[i] as number);
    if (!(Math.abs(x - y) <= bound))
      throw new Error(`${where}: element ${i} is ${x}, not ${y} (within ${bound})`);
  }
}

/** The activations the fused-activation tests use, in float64. */
export function activate(code: number, alpha: number, beta: number, x: number): number {
  switch (code) {
    case 0:
      return x;
    case 1:
      return x < 0 ? 0 : x;
    case 2:
      return x < alpha ? alpha : x > beta ? beta : x;
    case 3:
      return x < 0 ? alpha * x : x;
    case 6:
      return x * Math.min(1, Math.max(0, x / 6 + 0.5));
    default:
      throw new Error(`activation ${code} has no reference here`);
  }
}
