import { toNumberArray } from "../../ops/shared/elements.ts";
import { reducedDims, resolveAxes } from "../../ops/shared/reduction.ts";
import { type Algebra, algebra } from "./algebra.ts";
import type { GradientContext } from "./define.ts";

interface Reduction {
  readonly a: Algebra;
  readonly x: string;
  readonly dims: readonly number[];
  readonly axes: readonly number[];
  /** Elements that become one. */
  readonly count: number;
  /** dy and y with the reduced axes as size 1. */
  readonly dy: string;
  readonly y: string;
}

/** What the rules of reductions share; the axes stand in an attribute or, from opset 13 or 18 on, in an input. */
export function reductionOf(context: GradientContext): Reduction {
  const a = algebra(context);
  const x = context.x();
  const dims = context.dims(x);
  const name = context.x(1);
  const data = name === "" ? undefined : context.constant(name);
  if (name !== "" && data === undefined) context.decline("its axes are not known");
  const given =
    data === undefined ? (context.attributes.axes as readonly number[] | undefined) : toNumberArray(data);
  const fail = (message: string): never => context.decline(message);
  const all = context.attributes.noopWithEmptyAxes === 1 ? [] : dims.map((_, axis) => axis);
  const axes = given === undefined || given.length === 0 ? all : resolveAxes({ fail }, given, dims.length);
  const kept = reducedDims(dims, axes, true);
  return {
    a,
    x,
    dims,
    axes,
    count: axes.reduce((product, axis) => product * (dims[axis] as number), 1),
    dy: a.reshape(context.dy() as string, kept),
    y: a.reshape(context.y(), kept),
  };
}

/** The rule of ReduceMax and ReduceMin: dy goes to the elements that are y, in equal shares where several are. */
export function reducedExtreme(context: GradientContext): readonly string[] {
  const { a, x, axes, dy, y } = reductionOf(context);
  const mask = a.asNumber(a.equal(x, y), dy);
  return [a.mul(mask, a.div(dy, a.sum(mask, axes)))];
}
