import { fromNumbers } from "../../ops/shared/elements.ts";
import { elementCount } from "../../tensor.ts";
import type { GradientContext } from "./define.ts";

/** A value by its name, or a number: a constant of the other operand's dtype. */
export type Term = string | number;

/** Arithmetic on values, each operation an ordinary node. */
export interface Algebra {
  add(a: Term, b: Term): string;
  sub(a: Term, b: Term): string;
  mul(a: Term, b: Term): string;
  div(a: Term, b: Term): string;
  pow(a: Term, b: Term): string;
  square(x: string): string;
  /** An operator on one value, by its ONNX name. */
  of(op: string, x: string): string;
  /** Comparisons; booleans. */
  less(a: Term, b: Term): string;
  equal(a: Term, b: Term): string;
  where(condition: string, a: Term, b: Term): string;
  /** A value by its name; a number as a constant of the dtype of another value. */
  like(term: Term, value: string): string;
  /** A boolean as 0 or 1 of the dtype of another value. */
  asNumber(condition: string, like: string): string;
  /** A constant of zeros with the dims and dtype of a value. */
  zeros(like: string): string;
  /** The sum over some axes, which stay with size 1. */
  sum(x: string, axes: readonly number[]): string;
  mean(x: string, axes: readonly number[]): string;
  reshape(x: string, dims: readonly number[]): string;
}

export function algebra(context: GradientContext): Algebra {
  const { emit } = context;
  const named = (term: Term, other: Term): string => {
    if (typeof term === "string") return term;
    if (typeof other === "number") throw new TypeError("an operation needs at least one value");
    return context.tensor(fromNumbers(context.dtype(other), [], [term]));
  };
  const binary =
    (op: string) =>
    (a: Term, b: Term): string =>
      emit(op, [named(a, b), named(b, a)]);
  const reduce =
    (op: string) =>
    (x: string, axes: readonly number[]): string =>
      axes.length === 0 ? x : emit(op, [x, context.ints(axes)], { keepdims: 1 });
  return {
    add: binary("Add"),
    sub: binary("Sub"),
    mul: binary("Mul"),
    div: binary("Div"),
    pow: binary("Pow"),
    square: (x) => emit("Mul", [x, x]),
    of: (op, x) => emit(op, [x]),
    less: binary("Less"),
    equal: binary("Equal"),
    where: (condition, a, b) => emit("Where", [condition, named(a, b), named(b, a)]),
    like: named,
    asNumber: (condition, like) =>
      emit("Where", [
        condition,
        ...[1, 0].map((value) => context.tensor(fromNumbers(context.dtype(like), [], [value]))),
      ]),
    zeros(like) {
      const dims = context.dims(like);
      return context.tensor(fromNumbers(context.dtype(like), dims, new Float64Array(elementCount(dims))));
    },
    sum: reduce("ReduceSum"),
    mean: reduce("ReduceMean"),
    reshape: (x, dims) =>
      context.dims(x).join() === dims.join() ? x : emit("Reshape", [x, context.ints(dims)]),
  };
}
