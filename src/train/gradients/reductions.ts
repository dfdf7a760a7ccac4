import { reducedDims, resolveAxes } from "../../ops/reduction/reducing.ts";
import { toNumberArray } from "../../ops/shared/elements.ts";
import { type Algebra, algebra } from "./algebra.ts";
import { type GradientContext, type GradientRules, rulesOf } from "./define.ts";

interface Reduction {
  readonly a: Algebra;
  readonly context: GradientContext;
  readonly x: string;
  readonly axes: readonly number[];
  /** Elements that become one. */
  readonly count: number;
  /** dy and y with the reduced axes as size 1. */
  readonly dy: string;
  readonly y: string;
  /** A value with the reduced axes as size 1, repeated along them. */
  spread(value: string): string;
}

/** The gradient by x of each reduction. */
const REDUCTIONS: Readonly<Record<string, (reduction: Reduction) => string>> = {
  ReduceL1: ({ a, x, dy }) => a.mul(dy, a.of("Sign", x)),
  /** x/y·dy, and 0 where the norm y is. */
  ReduceL2: ({ a, x, dy, y }) => a.mul(a.where(a.equal(y, 0), 0, a.div(dy, y)), x),
  ReduceLogSum: ({ a, dy, y, spread }) => spread(a.div(dy, a.of("Exp", y))),
  ReduceLogSumExp: ({ a, x, dy, y }) => a.mul(dy, a.of("Exp", a.sub(x, y))),
  ReduceMax: extreme,
  ReduceMean: ({ a, count, dy, spread }) => spread(a.mul(dy, 1 / count)),
  ReduceMin: extreme,
  ReduceProd: product,
  ReduceSum: ({ dy, spread }) => spread(dy),
  ReduceSumSquare: ({ a, x, dy }) => a.mul(a.mul(dy, 2), x),
};

export const reductionGradients: GradientRules = {
  ...rulesOf(REDUCTIONS, (gradient) => (context) => [gradient(reductionOf(context))]),

  CumSum(context) {
    const { exclusive, reverse } = context.attributes;
    const attributes = { exclusive, reverse: 1 - (reverse as number) };
    return [context.emit("CumSum", [context.dy() as string, context.x(1)], attributes)];
  },
};

/** dy goes to the elements that are y, in equal shares where several are. */
function extreme({ a, x, axes, dy, y }: Reduction): string {
  const mask = a.asNumber(a.equal(x, y), dy);
  return a.mul(mask, a.div(dy, a.sum(mask, axes)));
}

/** The product of the other elements: with one zero among them only that one's is not 0, with two none's. */
function product({ a, context, x, axes, dy }: Reduction): string {
  const isZero = a.equal(x, 0);
  const filled = a.where(isZero, 1, x);
  const whole =
    axes.length === 0 ? filled : context.emit("ReduceProd", [filled, context.ints(axes)], { keepdims: 1 });
  const others = a.sub(a.sum(a.asNumber(isZero, x), axes), a.asNumber(isZero, x));
  return a.mul(dy, a.where(a.less(others, 0.5), a.div(whole, filled), 0));
}

/** The axes stand in an attribute or, from opset 13 or 18 on, in an input. */
function reductionOf(context: GradientContext): Reduction {
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
    context,
    x,
    axes,
    count: axes.reduce((count, axis) => count * (dims[axis] as number), 1),
    dy: a.reshape(context.dy() as string, kept),
    y: a.reshape(context.y(), kept),
    spread: (value) => context.emit("Expand", [value, context.ints(dims)]),
  };
}
