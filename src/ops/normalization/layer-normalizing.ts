import { isFloat } from "../../dtype.ts";
import { broadcastDims, broadcastStrides, normalizeAxis, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import type { InferContext } from "../define.ts";
import { stridedOffsets } from "../movement/strided.ts";
import { toNumbers } from "../shared/elements.ts";

/** The first normalised axis, counted from the front; checks its range and the parameters' dims. */
export function checkNormalized(context: InferContext<{ readonly axis: number }>): number | undefined {
  const { dtype, dims } = context.fact(0);
  if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
  if (dims === undefined) return undefined;
  const axis = normalizeAxis(context.attributes.axis, dims.length);
  if (axis < 0 || axis >= dims.length) {
    context.fail(`axis ${context.attributes.axis} is outside an input of rank ${dims.length}`);
  }
  for (let i = 1; i < context.inputCount; i++) {
    const parameter = context.dims(i);
    if (parameter === undefined) continue;
    const together: readonly Dim[] | undefined = broadcastDims(parameter, dims);
    const grows = together?.some(
      (dim, j) => typeof dim === "number" && typeof dims[j] === "number" && dim !== dims[j],
    );
    if (together === undefined || together.length > dims.length || grows) {
      context.fail(`input ${i} of ${showDims(parameter)} does not broadcast to ${showDims(dims)}`);
    }
  }
  return axis;
}

/** A parameter's elements repeated to one for each element of `dims`: the offsets to read it at. */
export function parameterOffsets(parameter: TensorData, dims: readonly number[]): (i: number) => number {
  const values = toNumbers(parameter);
  const offsets = stridedOffsets(dims, broadcastStrides(parameter.dims, dims));
  return (i) => values[offsets[i] as number] as number;
}
