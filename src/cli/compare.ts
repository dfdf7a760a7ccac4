import { toNumbers } from "../ops/shared/elements.ts";
import { isTensor, type RuntimeValue } from "../value.ts";

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** What differs between a result and what was expected; undefined where they agree. Tolerances as in numpy.allclose. */
export function difference(
  actual: RuntimeValue | undefined,
  expected: RuntimeValue,
  tolerance: Tolerance,
  path = "",
): string | undefined {
  if (actual === undefined) return `${path}: there is no value`;
  if (isTensor(expected))
    return isTensor(actual)
      ? tensorDifference(actual, expected, tolerance, path)
      : `${path}: expected a tensor, got a ${actual.container}`;
  if (isTensor(actual) || actual.container !== expected.container) {
    return `${path}: expected a ${expected.container}, got a ${isTensor(actual) ? "tensor" : actual.container}`;
  }
  const held = (value: typeof expected): readonly RuntimeValue[] =>
    value.container === "sequence"
      ? value.values
      : value.container === "map" || value.value === undefined
        ? []
        : [value.value];
  const [a, e] = [held(actual), held(expected)];
  if (a.length !== e.length) return `${path}: expected ${e.length} elements, got ${a.length}`;
  for (const [i, value] of e.entries()) {
    const found = difference(a[i], value, tolerance, `${path}[${i}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

type TensorValue = Extract<RuntimeValue, { data: unknown }>;

function tensorDifference(
  actual: TensorValue,
  expected: TensorValue,
  { rtol, atol }: Tolerance,
  path: string,
): string | undefined {
  if (actual.dtype !== expected.dtype) return `${path}: expected ${expected.dtype}, got ${actual.dtype}`;
  if (actual.dims.join() !== expected.dims.join())
    return `${path}: expected dims [${expected.dims}], got [${actual.dims}]`;
  if (expected.dtype === "string") {
    const at = (expected.data as string[]).findIndex((text, i) => text !== (actual.data as string[])[i]);
    return at < 0
      ? undefined
      : `${path}[${at}]: expected ${JSON.stringify(expected.data[at])}, got ${JSON.stringify(actual.data[at])}`;
  }
  const [a, e] = [toNumbers(actual), toNumbers(expected)];
  let wrong = 0;
  let first = -1;
  let worst = 0;
  for (let i = 0; i < e.length; i++) {
    const [x, y] = [a[i] as number, e[i] as number];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    const apart = Math.abs(x - y);
    if (apart <= atol + rtol * Math.abs(y)) continue;
    wrong++;
    if (first < 0) first = i;
    worst = Math.max(worst, Number.isNaN(apart) ? Infinity : apart);
  }
  if (wrong === 0) return undefined;
  return `${path}[${first}]: expected ${e[first]}, got ${a[first]} (${wrong} of ${e.length} differ, by up to ${worst.toPrecision(3)})`;
}
