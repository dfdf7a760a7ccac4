import { InternalError } from "../errors.ts";
import { normalizeAxis, rowMajorStrides } from "../graph/dims.ts";
import { concreteDims, isConcrete, sameDims } from "../graph/graph.ts";
import { defineOp, type EvaluateContext, type FacetContext, factOf, ints } from "./define.ts";
import { type LowerContext, logicalStrides } from "./lowering.ts";
import { evaluatedList, inferredList, listLength } from "./shared/axes.ts";
import { copyLowering } from "./shared/copying.ts";
import { toNumberArray } from "./shared/elements.ts";
import { checkList } from "./shared/elementwise.ts";
import { readStrided } from "./shared/movement.ts";
import { type AxisSlice, type SliceLists, sliceAxes, slicedDims, sliceLists } from "./shared/slicing.ts";

interface SliceAttributes {
  readonly starts: readonly number[] | undefined;
  readonly ends: readonly number[] | undefined;
  readonly axes: readonly number[] | undefined;
}

/** What `infer` has let pass. */
const CHECKED = {
  fail(message: string): never {
    throw new InternalError(message);
  },
};

/** What is taken of each axis; undefined while sizes or lists are not known. */
function slicesOf({
  attributes,
  inputs: [data, ...lists],
}: Pick<FacetContext<SliceAttributes>, "attributes" | "inputs">): AxisSlice[] | undefined {
  if (!isConcrete(data) || lists.some((list) => list !== undefined && list.data === undefined))
    return undefined;
  const given = lists.map((list) => list?.data && toNumberArray(list.data));
  const dims = concreteDims(data);
  const starts = given[0] ?? attributes.starts ?? [];
  const ends = given[1] ?? attributes.ends ?? [];
  const axes = given[2] ?? attributes.axes;
  return sliceAxes(dims, sliceLists(CHECKED, dims.length, starts, ends, axes, given[3]));
}

/** Slice: starts, ends and steps along some axes, clamped as in Python. https://onnx.ai/onnx/operators/onnx__Slice.html */
export const slice = defineOp({
  type: "Slice",
  since: [1, 10, 11, 13],
  inputs: ["data", "starts?", "ends?", "axes?", "steps?"],
  attributes: { starts: ints(), ends: ints(), axes: ints() },
  layout: "follow",
  strided: true,

  identity(context) {
    const slices = slicesOf(context);
    return (
      slices !== undefined &&
      sameDims(context.inputs[0], context.outputs[0]) &&
      slices.every(({ step }) => step > 0)
    );
  },

  windows(context) {
    const slices = slicesOf(context);
    const cut = slices?.flatMap(({ length }, axis) =>
      length === context.inputs[0]?.dims?.[axis] ? [] : [axis],
    );
    const [axis] = cut ?? [];
    if (slices === undefined || axis === undefined || cut?.length !== 1) return undefined;
    if (slices.some(({ step }) => step !== 1)) return undefined;
    return { axis, starts: [slices[axis]?.start as number] };
  },
  receptiveField({ attributes, inputs: [data, ...lists] }) {
    const given = lists.map((list) => list?.data && toNumberArray(list.data));
    const starts = given[0] ?? attributes.starts;
    const rank = data?.dims?.length;
    if (starts === undefined || rank === undefined || lists.some((list) => list && !list.data))
      return undefined;
    const axes = given[2] ?? attributes.axes ?? starts.map((_, i) => i);
    const steps = given[3] ?? starts.map(() => 1);
    if (starts.some((start) => start < 0) || steps.some((step) => step < 1)) return undefined;
    const seen = Array.from({ length: rank }, () => ({ extent: 1, stride: 1, start: 0 }));
    for (const [i, axis] of axes.entries())
      seen[normalizeAxis(axis, rank)] = { extent: 1, stride: steps[i] as number, start: starts[i] as number };
    return seen.slice(2);
  },

  infer(context) {
    checkList(context, 1, "starts");
    checkList(context, 2, "ends");
    checkList(context, 3, "axes");
    checkList(context, 4, "steps");
    const { dtype, dims } = context.fact(0);
    if (dims === undefined) return [factOf(dtype, undefined)];
    const { attributes } = context;
    const starts = inferredList(context, 1, attributes.starts);
    const ends = inferredList(context, 2, attributes.ends);
    const axes = inferredList(context, 3, attributes.axes);
    const steps = inferredList(context, 4, undefined);
    if (!starts.present || !ends.present) context.fail("starts and ends are missing");
    const axesKnown = axes.values !== undefined || !axes.present;
    if (starts.values && ends.values && axesKnown && (steps.values !== undefined || !steps.present)) {
      const lists = sliceLists(context, dims.length, starts.values, ends.values, axes.values, steps.values);
      return [factOf(dtype, slicedDims(dims, lists))];
    }
    const count = starts.values?.length ?? listLength(context, 1) ?? listLength(context, 2);
    const touched =
      axes.values ??
      (!axes.present && count !== undefined ? Array.from({ length: count }, (_, i) => i) : undefined);
    const rank = dims.length;
    return [
      factOf(
        dtype,
        dims.map((size, axis) =>
          touched === undefined || touched.includes(axis) || touched.includes(axis - rank) ? "?" : size,
        ),
      ),
    ];
  },

  evaluate(context) {
    const data = context.tensor(0);
    const slices = sliceAxes(data.dims, evaluatedLists(context, data.dims.length));
    const strides = rowMajorStrides(data.dims);
    const start = slices.reduce((at, { start }, axis) => at + start * (strides[axis] as number), 0);
    return [
      readStrided(
        data,
        slices.map(({ length }) => length),
        start,
        slices.map(({ step }, axis) => step * (strides[axis] as number)),
      ),
    ];
  },

  lower: [
    copyLowering("strided", (context: LowerContext<SliceAttributes>) => {
      const source = context.input(0);
      const target = context.output();
      const { attributes } = context;
      const slices = slicesOf({ attributes, inputs: context.inputs.map((operand) => operand?.fact) });
      if (slices === undefined) return undefined;
      const strides = logicalStrides(source);
      return [
        {
          source,
          target,
          dims: target.dims,
          sourceStart: slices.reduce((at, { start }, axis) => at + start * (strides[axis] as number), 0),
          sourceStrides: slices.map(({ step }, axis) => step * (strides[axis] as number)),
          targetStart: 0,
          targetStrides: logicalStrides(target),
        },
      ];
    }),
  ],
});

function evaluatedLists(context: EvaluateContext<SliceAttributes>, rank: number): SliceLists {
  const { attributes } = context;
  const starts = evaluatedList(context, 1, attributes.starts);
  const ends = evaluatedList(context, 2, attributes.ends);
  if (starts === undefined || ends === undefined) return context.fail("starts and ends are missing");
  const axes = evaluatedList(context, 3, attributes.axes);
  return sliceLists(context, rank, starts, ends, axes, evaluatedList(context, 4, undefined));
}
