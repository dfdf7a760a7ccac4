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
