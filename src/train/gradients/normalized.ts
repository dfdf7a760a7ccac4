import type { Algebra } from "./algebra.ts";

/** x with mean 0 and variance 1 over some axes, as the forward pass made it. */
export interface Normalized {
  readonly hat: string;
  /** 1 / √(variance + epsilon). */
  readonly inverse: string;
}

export function normalized(a: Algebra, x: string, axes: readonly number[], epsilon: number): Normalized {
  const centred = a.sub(x, a.mean(x, axes));
  const inverse = a.of("Reciprocal", a.of("Sqrt", a.add(a.mean(a.square(centred), axes), epsilon)));
  return { hat: a.mul(centred, inverse), inverse };
}

/** The gradient by x, given the one by what x became (Ioffe and Szegedy 2015, section 3). */
export function normalizedBack(
  a: Algebra,
  { hat, inverse }: Normalized,
  slope: string,
  axes: readonly number[],
): string {
  const along = a.mul(hat, a.mean(a.mul(slope, hat), axes));
  return a.mul(inverse, a.sub(a.sub(slope, a.mean(slope, axes)), along));
}
