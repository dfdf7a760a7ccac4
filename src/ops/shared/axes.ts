import { InternalError } from "../../errors.ts";
import { MAX_RANK, normalizeAxis, showDims } from "../../graph/dims.ts";
import type { Dim, Fact } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import { toNumberArray } from "./elements.ts";

/** What a check needs of either context. */
export interface Failing {
  fail(message: string): never;
}

/** For what `infer` has let pass: a failure now is one of lanewise. */
export const CHECKED: Failing = {
  fail(message: string): never {
    throw new InternalError(message);
  },
};

/** The axis counted from the front; `last` is the greatest it may be (rank - 1 unless told). */
export function axisOf(context: Failing, axis: number, rank: number, last = rank - 1): number {
  const at = normalizeAxis(axis, rank);
  if (at < 0 || at > last) context.fail(`axis ${axis} is out of range for rank ${rank}`);
  return at;
}

/** Several axes counted from the front; each may stand once. */
export function axesOf(context: Failing, axes: readonly number[], rank: number): number[] {
  const at = axes.map((axis) => axisOf(context, axis, rank));
  if (new Set(at).size !== at.length) context.fail(`axes [${axes}] name an axis twice`);
  return at;
}

/** A list of integers that older opsets hold in an attribute and newer ones in an input. */
export interface Listed {
  /** The list; undefined where it is absent or, while inferring, not yet known. */
  readonly values: readonly number[] | undefined;
  /** Whether it is there at all. */
  readonly present: boolean;
}

/** The list while inferring: from the input if the node has one, else from the attribute. */
export function inferredList(
  context: { readonly inputs: readonly (Fact | undefined)[] },
  input: number,
  attribute: readonly number[] | undefined,
): Listed {
  const fact = context.inputs[input];
  if (fact === undefined) return { values: attribute, present: attribute !== undefined };
  return { values: fact.data && toNumberArray(fact.data), present: true };
}

/** The list while evaluating. */
export function evaluatedList(
  context: { optional(index: number): TensorData | undefined },
  input: number,
  attribute: readonly number[] | undefined,
): readonly number[] | undefined {
  const tensor = context.optional(input);
  return tensor === undefined ? attribute : toNumberArray(tensor);
}

/** The length of a list input with an entry for each axis, of unknown data, where its dims tell. */
export function listLength(
  context: Failing & { readonly inputs: readonly (Fact | undefined)[] },
  input: number,
): number | undefined {
  const dims = context.inputs[input]?.dims;
  const length = dims?.length === 0 ? 1 : dims?.[0];
  if (typeof length !== "number") return undefined;
  if (length > MAX_RANK)
    context.fail(`input ${input} lists ${length} axes, a tensor has ${MAX_RANK} at most`);
  return length;
}

/** The one number of a scalar (or one-element) tensor. */
export function scalarOf(context: Failing, tensor: TensorData, what: string): number {
  const [value, ...rest] = toNumberArray(tensor);
  if (value === undefined || rest.length > 0)
    context.fail(`${what} must be one value, got ${showDims(tensor.dims)}`);
  return value as number;
}

/** Two sizes that must be one: the known one, or a failure where both are known and differ. */
export function sameDim(context: Failing, a: Dim, b: Dim, what: string): Dim {
  if (a === b) return a;
  if (typeof a === "number" && typeof b === "number") context.fail(`${what}: ${a} and ${b} differ`);
  return typeof a === "number" ? a : typeof b === "number" ? b : "?";
}
