import { alignSecond, type LegacyBroadcast } from "../../ops/elementwise/broadcast.ts";
import { type Algebra, algebra } from "./algebra.ts";
import type { GradientContext } from "./define.ts";

/** Sums a gradient over the axes along which a value of the given dims was repeated (NumPy's broadcasting). */
export function sumTo(context: GradientContext, gradient: string, dims: readonly number[]): string {
  const from = context.dims(gradient);
  if (from.join() === dims.join()) return gradient;
  const lead = from.length - dims.length;
  const axes = from.flatMap((size, axis) =>
    axis < lead || (dims[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  const sum =
    axes.length === 0 ? gradient : context.emit("ReduceSum", [gradient, context.ints(axes)], { keepdims: 1 });
  return context.emit("Reshape", [sum, context.ints(dims)]);
}

interface Operands {
  readonly a: Algebra;
  readonly dy: string;
  readonly left: string;
  /** Lined up with the left one from the right, as opsets before 7 may not have it. */
  readonly right: string;
  /** The gradients by the two operands, each of the dims of y; made only where it is wanted. */
  give(byLeft: () => string, byRight: () => string): readonly (string | undefined)[];
}

/** The two operands of a broadcasting operator. */
export function alignedOperands(context: GradientContext): Operands {
  const a = algebra(context);
  const [left, second] = [context.x(0), context.x(1)];
  const [leftDims, rightDims] = [context.dims(left), context.dims(second)];
  const { opset, attributes } = context.node;
  const legacy: LegacyBroadcast = {
    axis: attributes.axis as number | undefined,
    broadcast: (attributes.broadcast as number | undefined) ?? 1,
  };
  const fail = (message: string): never => context.decline(message);
  const aligned = alignSecond({ opset, fail }, legacy, leftDims, rightDims);
  return {
    a,
    dy: context.dy() as string,
    left,
    right: a.reshape(second, aligned),
    give: (byLeft, byRight) => [
      context.wants(0) ? sumTo(context, byLeft(), leftDims) : undefined,
      context.wants(1) ? a.reshape(sumTo(context, byRight(), aligned), rightDims) : undefined,
    ],
  };
}
