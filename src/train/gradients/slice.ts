import { toNumberArray } from "../../ops/shared/elements.ts";
import { type AxisSlice, sliceAxes, sliceLists } from "../../ops/shared/slicing.ts";
import { algebra } from "./algebra.ts";
import { defineGradient, type GradientContext } from "./define.ts";

/** Zeros around dy; before, what ran backwards is turned round, and steps are filled with zeros. */
export const sliceGradientRule = defineGradient({
  op: "Slice",
  inputs(context) {
    const dims = context.dims(context.x());
    const slices = slicesOf(context, dims);
    const begins = slices.map(({ start, step, length }) => (step < 0 ? start + (length - 1) * step : start));
    const spread = slices.reduce(
      (dy, slice, axis) => spreadAxis(context, dy, slice, axis),
      context.dy() as string,
    );
    const sizes = context.dims(spread);
    // Zeros behind the last step may reach past the end: negative pads take them away.
    const ends = dims.map((size, axis) => size - (begins[axis] as number) - (sizes[axis] as number));
    return [context.emit("Pad", [spread, context.ints([...begins, ...ends])])];
  },
});

function slicesOf(context: GradientContext, dims: readonly number[]): AxisSlice[] {
  const list = (i: number, key: string): readonly number[] | undefined => {
    const name = context.x(i);
    if (name === "") return context.attributes[key] as readonly number[] | undefined;
    const data = context.constant(name);
    return data === undefined ? context.decline(`its ${key} are not known`) : toNumberArray(data);
  };
  const [starts, ends] = [list(1, "starts") ?? [], list(2, "ends") ?? []];
  const fail = (message: string): never => context.decline(message);
  return sliceAxes(dims, sliceLists({ fail }, dims.length, starts, ends, list(3, "axes"), list(4, "steps")));
}

/** One axis with |step| − 1 zeros behind each element, in the order of the input. */
function spreadAxis(context: GradientContext, dy: string, { step, length }: AxisSlice, axis: number): string {
  const a = algebra(context);
  const turned =
    step > 0
      ? dy
      : context.emit("Slice", [dy, ...[-1, -(2 ** 31), axis, -1].map((value) => context.ints([value]))]);
  const stride = Math.abs(step);
  if (stride === 1 || length === 0) return turned;
  const dims = context.dims(dy);
  const [before, behind] = [dims.slice(0, axis), dims.slice(axis + 1)];
  const apart = a.reshape(turned, [...before, length, 1, ...behind]);
  const pads = new Array<number>(2 * (dims.length + 1)).fill(0);
  pads[dims.length + 1 + axis + 1] = stride - 1;
  const filled = context.emit("Pad", [apart, context.ints(pads)]);
  return a.reshape(filled, [...before, length * stride, ...behind]);
}
