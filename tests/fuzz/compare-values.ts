import { isFloat } from "../../src/dtype.ts";
import { toNumbers } from "../../src/ops/shared/elements.ts";
import type { TensorData } from "../../src/tensor.ts";
import { isTensor, type RuntimeValue } from "../../src/value.ts";

/** What sets two tensors apart, in one line; undefined where they agree. */
export type Comparison = (actual: TensorData, expected: TensorData) => string | undefined;

/** The first value that differs, and how. */
export function differs(
  actual: readonly (RuntimeValue | undefined)[],
  expected: readonly (RuntimeValue | undefined)[],
  compare: Comparison,
): string | undefined {
  for (const [i, want] of expected.entries()) {
    const got = actual[i];
    if (!isTensor(want) || !isTensor(got)) continue;
    const wrong = compare(got, want);
    if (wrong !== undefined) return `${i}: ${wrong}`;
  }
  return undefined;
}

/** Whether two values have the same bits; NaN is NaN, whatever its payload. */
export function sameBits(a: RuntimeValue | undefined, b: RuntimeValue | undefined): boolean {
  if (!isTensor(a) || !isTensor(b)) return isTensor(a) === isTensor(b);
  if (a.dtype !== b.dtype || a.dims.join() !== b.dims.join()) return false;
  if (!isFloat(a.dtype)) {
    for (let i = 0; i < b.data.length; i++) if (a.data[i] !== b.data[i]) return false;
    return true;
  }
  const [got, want] = [toNumbers(a), toNumbers(b)];
  for (let i = 0; i < want.length; i++) if (!Object.is(got[i], want[i])) return false;
  return true;
}
