import { showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { spend } from "../../interruptible.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { type InferContext, int, ints, required, string } from "../define.ts";
import { toNumbers } from "../shared/elements.ts";
import {
  forEachWindow,
  inferWindow,
  resolveWindow,
  type Window,
  type WindowAttributes,
} from "../shared/window.ts";

export interface PoolAttributes extends WindowAttributes {
  readonly kernelShape: readonly number[];
}

/** What MaxPool and its gradient take. */
export const MAX_POOL_ATTRIBUTES = {
  autoPad: string("NOTSET"),
  ceilMode: int(0),
  dilations: ints(),
  kernelShape: required(ints()),
  pads: ints(),
  storageOrder: int(0),
  strides: ints(),
};

/** Output dims of a pool over x[N, C, …]. */
export function poolDims(context: InferContext<PoolAttributes>): Dim[] {
  const { kernelShape } = context.attributes;
  const x = context.dims(0) ?? ["?", "?", ...kernelShape.map((): Dim => "?")];
  if (x.length < 3) context.fail(`x needs a batch, a channel and spatial axes, got ${showDims(x)}`);
  return [x[0] as Dim, x[1] as Dim, ...inferWindow(context, x.slice(2), kernelShape, context.attributes)];
}

export const poolWindow = (
  context: { readonly attributes: PoolAttributes; fail(message: string): never },
  dims: readonly number[],
): Window => resolveWindow(context, dims.slice(2), context.attributes.kernelShape, context.attributes);

/**
 * Folds each window of every plane to one number: `fold(x, plane, count, offsets, position)` sees the plane's first
 * element and where the window's taps lie behind it.
 */
export function pool(
  x: TensorData,
  window: Window,
  fold: (x: ArrayLike<number>, plane: number, count: number, offsets: Int32Array, position: number) => number,
): Float64Array {
  const source = toNumbers(x);
  const inPlane = elementCount(window.inputs);
  const outPlane = elementCount(window.outputs);
  const planes = (x.dims[0] as number) * (x.dims[1] as number);
  const result = new Float64Array(planes * outPlane);
  forEachWindow(window, (position, count, _taps, offsets) => {
    spend(planes * count);
    for (let plane = 0; plane < planes; plane++) {
      result[plane * outPlane + position] = fold(source, plane * inPlane, count, offsets, position);
    }
  });
  return result;
}
