import type { TensorData } from "../../tensor.ts";
import type { Failing } from "../shared/axes.ts";
import { toNumbers } from "../shared/elements.ts";

/** The indices with negative ones counted from the end of an axis of `size`; fails on one outside it. */
export function checkedIndices(context: Failing, indices: TensorData, size: number): Float64Array {
  const checked = Float64Array.from(toNumbers(indices));
  for (let i = 0; i < checked.length; i++) {
    const index = checked[i] as number;
    if (index < -size || index >= size)
      context.fail(`index ${index} is out of range for an axis of size ${size}`);
    if (index < 0) checked[i] = index + size;
  }
  return checked;
}

/** A list of numbers as nested arithmetic progressions: value[i0, i1, …] = start + Σ i·step, row-major. */
export interface Progression {
  readonly start: number;
  readonly dims: readonly number[];
  readonly steps: readonly number[];
}

/** The list as one nested progression, or undefined where it is none of at most `depth` levels. */
export function progressionOf(values: ArrayLike<number>, depth = 3): Progression | undefined {
  const count = values.length;
  const start = values[0] as number;
  if (count === 0) return undefined;
  if (count === 1) return { start, dims: [], steps: [] };
  if (depth === 0) return undefined;
  const step = (values[1] as number) - start;
  let run = 2;
  while (run < count && (values[run] as number) - (values[run - 1] as number) === step) run++;
  if (count % run !== 0) return undefined;
  const heads: number[] = [];
  for (let i = 0; i < count; i += run) {
    const head = values[i] as number;
    for (let k = 1; k < run; k++) if (values[i + k] !== head + k * step) return undefined;
    heads.push(head);
  }
  const outer = progressionOf(heads, depth - 1);
  return outer && { start, dims: [...outer.dims, run], steps: [...outer.steps, step] };
}

/** A progression that begins at position `at` of the list. */
export interface Run extends Progression {
  readonly at: number;
}

/** The list as progressions one after another: one nested one where it is that, else plain ones. */
export function runsOf(values: ArrayLike<number>): readonly Run[] {
  const whole = progressionOf(values);
  if (whole !== undefined) return [{ at: 0, ...whole }];
  const runs: Run[] = [];
  for (let at = 0; at < values.length; ) {
    const start = values[at] as number;
    const step = at + 1 < values.length ? (values[at + 1] as number) - start : 0;
    let length = 1;
    while (at + length < values.length && values[at + length] === start + length * step) length++;
    runs.push({ at, start, dims: [length], steps: [step] });
    at += length;
  }
  return runs;
}
