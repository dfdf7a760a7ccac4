import { isFloat } from "../../src/dtype.ts";
import { toNumbers } from "../../src/ops/shared/elements.ts";
import type { TensorData } from "../../src/tensor.ts";

export interface Tolerance {
  readonly rtol: number;
  /** Times the largest finite magnitude expected. */
  readonly atol: number;
  /** Steps by which integers may differ. */
  readonly steps?: number;
}

export const FLOAT32: Tolerance = { rtol: 1e-4, atol: 1e-5 };

/** Below this, what is left of a cancelled sum is rounding. */
const TINY = 1e-7;

/** What sets two tensors apart, in one line; undefined where they agree. NaN agrees with NaN. */
export function difference(
  actual: TensorData,
  expected: TensorData,
  tolerance = FLOAT32,
): string | undefined {
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype}, expected ${expected.dtype}`;
  if (actual.dims.join() !== expected.dims.join())
    return `dims [${actual.dims}], expected [${expected.dims}]`;
  if (actual.data.length !== expected.data.length)
    return `${actual.data.length} elements, expected ${expected.data.length}`;
  if (actual.dtype === "string") return differentAt(actual.data, expected.data, (a, b) => a === b);
  if (actual.data instanceof BigInt64Array || actual.data instanceof BigUint64Array)
    return differentAt(actual.data, expected.data, (a, b) => a === b);
  const [got, want] = [toNumbers(actual), toNumbers(expected)];
  if (!isFloat(actual.dtype)) {
    const { steps = 0 } = tolerance;
    return differentAt(got, want, (a, b) => Math.abs((a as number) - (b as number)) <= steps);
  }
  let largest = 0;
  for (const value of want) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  const slack = tolerance.atol * largest + TINY;
  return differentAt(got, want, (a, b) => closeEnough(a as number, b as number, tolerance.rtol, slack));
}

function closeEnough(a: number, b: number, rtol: number, slack: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (!Number.isFinite(b)) return false;
  return Math.abs(a - b) <= slack + rtol * Math.abs(b);
}

function differentAt(
  actual: ArrayLike<unknown>,
  expected: ArrayLike<unknown>,
  same: (a: unknown, b: unknown) => boolean,
): string | undefined {
  let wrong = 0;
  let first = -1;
  for (let i = 0; i < expected.length; i++) {
    if (same(actual[i], expected[i])) continue;
    if (first < 0) first = i;
    wrong++;
  }
  if (first < 0) return undefined;
  return `${wrong} of ${expected.length} elements differ, first at ${first}: ${actual[first]}, expected ${expected[first]}`;
}
