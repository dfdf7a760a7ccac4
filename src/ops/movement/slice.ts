import { normalizeAxis, rowMajorStrides } from "../../graph/dims.ts";
import { concreteDims, isConcrete, sameDims } from "../../graph/graph.ts";
import { defineOp, type EvaluateContext, type FacetContext, factOf, ints } from "../define.ts";
import { checkList } from "../elementwise/dtypes.ts";
import { CHECKED, evaluatedList, inferredList, listLength } from "../shared/axes.ts";
import { toNumberArray } from "../shared/elements.ts";
import { type AxisSlice, type SliceLists, sliceAxes, slicedDims, sliceLists } from "./slicing.ts";
import { readStrided } from "./strided-copy.ts";

export interface SliceAttributes {
  readonly starts: readonly number[] | undefined;
  readonly ends: readonly number[] | undefined;
  readonly axes: readonly number[] | undefined;
}

type SliceFacts = Pick<FacetContext<SliceAttributes>, "attributes" | "inputs">;

/** Starts, ends, axes and steps where the node gives them; undefined while one that it gives is not known. */
function listsOf({ attributes, inputs: [, ...lists] }: SliceFacts) {
  if (lists.some((list) => list !== undefined && list.data === undefined)) return undefined;
  const [starts, ends, axes, steps] = lists.map((list) => list?.data && toNumberArray(list.data));
  return {
    starts: starts ?? attributes.starts ?? [],
    ends: ends ?? attributes.ends ?? [],
    axes: axes ?? attributes.axes,
    steps,
  };
}

/** What is taken of each axis; undefined while sizes or lists are not known. */
export function slicesOf(facts: SliceFacts): AxisSlice[] | undefined {
  const [data] = facts.inputs;
  const lists = listsOf(facts);
  if (!isConcrete(data) || lists === undefined) return undefined;
  const dims = concreteDims(data);
  const { starts, ends, axes, steps } = lists;
  return sliceAxes(dims, sliceLists(CHECKED, dims.length, starts, ends, axes, steps));
}

/** Slice: starts, ends and steps along some axes, clamped as in Python. https://onnx.ai/onnx/operators/onnx__Slice.html */
export const slice = defineOp({
  type: "Slice",
  since: [1, 10, 11, 13],
  inputs: ["data", "starts?", "ends?", "axes?", "steps?"],
  attributes: { starts: ints(), ends: ints(), axes: ints() },

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

  // Sizes may be unknown: starts from the front and steps forward say all.
  receptiveField(context) {
    const lists = listsOf(context);
    const rank = context.inputs[0]?.dims?.length;
    if (lists === undefined || rank === undefined) return undefined;
    const { starts, axes = starts.map((_, i) => i), steps = starts.map(() => 1) } = lists;
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
});

function evaluatedLists(context: EvaluateContext<SliceAttributes>, rank: number): SliceLists {
  const { attributes } = context;
  const starts = evaluatedList(context, 1, attributes.starts);
  const ends = evaluatedList(context, 2, attributes.ends);
  if (starts === undefined || ends === undefined) return context.fail("starts and ends are missing");
  const axes = evaluatedList(context, 3, attributes.axes);
  return sliceLists(context, rank, starts, ends, axes, evaluatedList(context, 4, undefined));
}
