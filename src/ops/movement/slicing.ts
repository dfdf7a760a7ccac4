import type { Dim } from "../../graph/graph.ts";
import { axesOf, type Failing } from "../shared/axes.ts";

/** Slice's lists; axes and steps filled in where the node left them out. */
export interface SliceLists {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[];
  readonly steps: readonly number[];
}

/** One axis of a slice: elements start, start + step, … (length of them). */
export interface AxisSlice {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** Checks that the lists match, and counts the axes from the front. */
export function sliceLists(
  context: Failing,
  rank: number,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] | undefined,
  steps: readonly number[] | undefined,
): SliceLists {
  const count = starts.length;
  const lists = {
    starts,
    ends,
    axes: axesOf(context, axes ?? starts.map((_, i) => i), rank),
    steps: steps ?? starts.map(() => 1),
  };
  if (ends.length !== count || lists.axes.length !== count || lists.steps.length !== count) {
    context.fail(
      `starts [${starts}], ends [${ends}], axes [${axes}] and steps [${steps}] must be of one length`,
    );
  }
  if (lists.steps.includes(0)) context.fail(`steps [${steps}] must not have a 0`);
  return lists;
}

/** Ends that mean "as far as it goes", backwards too: the text has that for forward slices only, onnxruntime for both. */
const NO_END = [2 ** 31 - 1, 2 ** 63];

/** What start, end and step take of an axis, clamped as ONNX says. */
export function sliceAxis(size: number, start: number, end: number, step: number): AxisSlice {
  const fromEnd = (index: number) => (index < 0 ? index + size : index);
  const clamp = (index: number, low: number, high: number) => Math.max(low, Math.min(index, high));
  const first = step > 0 ? clamp(fromEnd(start), 0, size) : clamp(fromEnd(start), 0, size - 1);
  const last = NO_END.includes(end) ? -1 : clamp(fromEnd(end), -1, size - 1);
  const stop = step > 0 ? clamp(fromEnd(end), 0, size) : last;
  return {
    start: Math.max(first, 0),
    step,
    length: size === 0 ? 0 : Math.max(0, Math.ceil((stop - first) / step)),
  };
}

/** The slice of every axis; axes that the lists do not name are taken whole. */
export function sliceAxes(dims: readonly number[], lists: SliceLists): AxisSlice[] {
  const slices: AxisSlice[] = dims.map((length) => ({ start: 0, step: 1, length }));
  for (const [i, axis] of lists.axes.entries()) {
    const [start, end, step] = [lists.starts[i], lists.ends[i], lists.steps[i]] as [number, number, number];
    slices[axis] = sliceAxis(dims[axis] as number, start, end, step);
  }
  return slices;
}

/** Dims of the result where some are symbols: an axis taken whole keeps its symbol. */
export function slicedDims(dims: readonly Dim[], lists: SliceLists): Dim[] {
  const result = [...dims];
  for (const [i, axis] of lists.axes.entries()) {
    const [start, end, step] = [lists.starts[i], lists.ends[i], lists.steps[i]] as [number, number, number];
    const size = dims[axis] as Dim;
    if (typeof size === "number") result[axis] = sliceAxis(size, start, end, step).length;
    else if (start !== 0 || step !== 1 || end < 2 ** 31 - 1) result[axis] = "?";
  }
  return result;
}
