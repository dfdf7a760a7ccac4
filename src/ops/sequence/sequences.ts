import { createData, type DType } from "../../dtype.ts";
import type { Dim, Fact } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { isTensor, type RuntimeValue, type SequenceData } from "../define.ts";
import { copyRun } from "../movement/strided-copy.ts";
import { type Failing, scalarOf } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";

/** The fact of a sequence whose entries have the dtype and dims. */
export const sequenceFact = (dtype: DType, dims: readonly Dim[] | undefined): Fact =>
  dims === undefined ? { dtype, container: "sequence" } : { dtype, dims, container: "sequence" };

/** The fact of what a sequence holds. */
export const entryFact = ({ dtype, dims, held, keys }: Fact): Fact =>
  held === "map" && keys !== undefined ? { dtype, container: "map", keys } : { dtype, ...(dims && { dims }) };

/** A fact without what only one value of it has: its data. */
export const withoutData = (fact: Fact): Fact => ({
  dtype: fact.dtype,
  ...(fact.dims && { dims: fact.dims }),
  ...(fact.container && { container: fact.container }),
  ...(fact.held && { held: fact.held }),
  ...(fact.keys && { keys: fact.keys }),
});

/** Dims that both describe: unknown sizes where they differ, unknown rank where the ranks do. */
export function mergeDims(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  return a.map((size, axis) => (size === b[axis] ? size : "?"));
}

/** What is known of a value that has one fact or the other. */
export function mergeFacts(a: Fact, b: Fact): Fact {
  const dims = mergeDims(a.dims, b.dims);
  const container = a.container ?? b.container;
  const held = a.held ?? b.held;
  const keys = a.keys ?? b.keys;
  return {
    dtype: a.dtype,
    ...(dims && { dims }),
    ...(container && { container }),
    ...(held && { held }),
    ...(keys && { keys }),
  };
}

/** An input that must be a sequence. */
export function sequenceAt(
  context: Failing & { readonly values: readonly (RuntimeValue | undefined)[] },
  index: number,
): SequenceData {
  const value = context.values[index];
  if (value === undefined) return context.fail(`input ${index} is missing, expected a sequence`);
  if (!isTensor(value) && value.container === "sequence") return value;
  return context.fail(
    `input ${index} is a ${isTensor(value) ? "tensor" : value.container}, expected a sequence`,
  );
}

/** An entry that must be a tensor. */
export function entryTensor(context: Failing, value: RuntimeValue | undefined): TensorData {
  return isTensor(value) ? value : context.fail("the sequence holds something that is not a tensor");
}

/** A position counted from the front; `last` is the greatest it may be. */
export function positionIn(context: Failing, position: TensorData, length: number, last: number): number {
  const index = scalarOf(context, position, "position");
  if (!Number.isInteger(index)) context.fail(`position ${index} must be a whole number`);
  const at = index < 0 ? index + length : index;
  if (at < 0 || at > last) context.fail(`position ${index} is out of range for a sequence of ${length}`);
  return at;
}

/** Tensors of one shape laid side by side along a new axis. */
export function stack(context: Failing, parts: readonly TensorData[], axis: number): TensorData {
  const [first] = parts;
  if (first === undefined) return context.fail("there is nothing to stack");
  if (parts.some((part) => part.dims.join() !== first.dims.join())) {
    context.fail(
      `parts to stack must be of one shape, got ${parts.map((part) => `[${part.dims}]`).join(", ")}`,
    );
  }
  const outer = elementCount(first.dims.slice(0, axis));
  const inner = elementCount(first.dims.slice(axis));
  const data = createData(first.dtype, parts.length * outer * inner);
  parts.forEach((part, i) => {
    for (let row = 0; row < outer; row++) {
      copyRun(part.data, row * inner, data, (row * parts.length + i) * inner, inner);
    }
  });
  return like(first, [...first.dims.slice(0, axis), parts.length, ...first.dims.slice(axis)], data);
}
