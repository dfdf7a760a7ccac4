import { normalizeAxis } from "../../graph/dims.ts";
import { padsOf } from "../../ops/movement/pad.ts";
import { axisMap } from "../../ops/movement/padding.ts";
import { type AxisSlice, sliceAxes, sliceLists } from "../../ops/movement/slicing.ts";
import { toNumberArray } from "../../ops/shared/elements.ts";
import { algebra } from "./algebra.ts";
import { transposedAlong } from "./along-axis.ts";
import { sumTo } from "./broadcasting.ts";
import type { GradientContext, GradientRules } from "./define.ts";

type PadAttributes = Parameters<typeof padsOf>[0]["attributes"];

/** Operators that bring elements to other places or leave some out, by dims and numbers that are known. */
export const movementGradients: GradientRules = {
  Flatten: reshapeBack,
  Reshape: reshapeBack,
  Squeeze: reshapeBack,
  Unsqueeze: reshapeBack,

  Transpose(context) {
    const rank = context.dims(context.x()).length;
    const perm =
      (context.attributes.perm as readonly number[] | undefined) ??
      Array.from({ length: rank }, (_, i) => rank - 1 - i);
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return [context.emit("Transpose", [context.dy() as string], { perm: inverse })];
  },

  DepthToSpace(context) {
    const dy = context.dy() as string;
    const { blocksize, mode } = context.attributes as { blocksize: number; mode: string };
    if (mode === "DCR") return [context.emit("SpaceToDepth", [dy], { blocksize })];
    const a = algebra(context);
    const [n, c, h, w] = context.dims(dy) as [number, number, number, number];
    const apart = a.reshape(dy, [n, c, h / blocksize, blocksize, w / blocksize, blocksize]);
    const moved = context.emit("Transpose", [apart], { perm: [0, 1, 3, 5, 2, 4] });
    return [a.reshape(moved, context.dims(context.x()))];
  },

  SpaceToDepth: (context) => [
    context.emit("DepthToSpace", [context.dy() as string], { blocksize: context.attributes.blocksize }),
  ],

  Concat(context) {
    const names = context.node.inputs;
    const dy = context.dy() as string;
    const axis = normalizeAxis((context.attributes.axis as number | undefined) ?? 1, context.dims(dy).length);
    const sizes = names.map((name) => context.dims(name)[axis] as number);
    return context.emitAll("Split", [dy, context.ints(sizes)], { axis }, names.length);
  },

  Split(context) {
    const axis = normalizeAxis(context.attributes.axis as number, context.dims(context.x()).length);
    const pieces = context.node.outputs.map((name, i) => {
      if (name === "") return context.decline("an output in the middle is left out");
      return context.dy(i) ?? algebra(context).zeros(name);
    });
    return [context.emit("Concat", pieces, { axis })];
  },

  /** Zeros around dy; before, what ran backwards is turned round, and steps are filled with zeros. */
  Slice(context) {
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

  /** Of a constant pad the other way round, and for the constant what was put around; else each element to where it came from. */
  Pad(context) {
    const a = algebra(context);
    const attributes = context.attributes as unknown as PadAttributes;
    const dims = context.dims(context.x());
    const dy = context.dy() as string;
    const given = (i: number) => (context.x(i) === "" ? undefined : { data: context.constant(context.x(i)) });
    const node = { attributes, opset: context.node.opset };
    const pads = padsOf(node, dims.length, given(1), given(3));
    if (pads === undefined || typeof pads === "string")
      return context.decline(pads ?? "its pads are not known");
    const { begins, ends } = pads;
    if (attributes.mode === "constant") {
      const back = [...begins, ...ends].map((size) => (size === 0 ? 0 : -size));
      const dx = context.emit("Pad", [dy, context.ints(back)]);
      if (!context.wants(2)) return [dx];
      const around = a.sub(sumTo(context, dy, []), sumTo(context, dx, []));
      return [dx, undefined, a.reshape(around, context.dims(context.x(2)))];
    }
    return [
      dims.reduce<string>((gradient, input, axis) => {
        const [begin, end] = [begins[axis] as number, ends[axis] as number];
        if (begin === 0 && end === 0) return gradient;
        const map = axisMap(attributes.mode, begin, input, input + begin + end);
        const matrix = new Float64Array(map.length * input);
        map.forEach((from, to) => {
          matrix[to * input + from] = 1;
        });
        return transposedAlong(context, gradient, axis, matrix, input);
      }, dy),
    ];
  },

  Expand: (context) => [sumTo(context, context.dy() as string, context.dims(context.x()))],

  /** The sum over the repetitions, which lie before each axis. */
  Tile(context) {
    const a = algebra(context);
    const dims = context.dims(context.x());
    const outputs = context.dims(context.y());
    const pairs = dims.flatMap((size, axis) => [(outputs[axis] as number) / size, size]);
    const axes = dims.flatMap((size, axis) => (outputs[axis] === size ? [] : [2 * axis]));
    return [a.reshape(a.sum(a.reshape(context.dy() as string, pairs), axes), dims)];
  },

  Trilu: (context) => [
    context.emit("Trilu", [context.dy() as string, ...context.node.inputs.slice(1)], {
      upper: context.attributes.upper,
    }),
  ],
};

/** The gradient of an operator that gives its first input other dims. */
function reshapeBack(context: GradientContext): readonly string[] {
  return [context.emit("Reshape", [context.dy() as string, context.ints(context.dims(context.x()))])];
}

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
