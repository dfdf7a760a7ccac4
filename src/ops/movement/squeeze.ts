import { allNumbers } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, ints } from "../define.ts";
import { checkList } from "../elementwise/dtypes.ts";
import { axesOf, evaluatedList, type Failing, inferredList } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";

/** Squeeze: without the axes of size 1 that are named, or without any. https://onnx.ai/onnx/operators/onnx__Squeeze.html */
export const squeeze = defineOp({
  type: "Squeeze",
  since: [1, 11, 13, 21, 23, 24, 25],
  inputs: ["data", "axes?"],
  outputs: ["squeezed"],
  attributes: { axes: ints() },
  view: true,
  moves: true,

  infer(context) {
    checkList(context, 1, "axes");
    const { dtype, dims } = context.fact(0);
    const axes = inferredList(context, 1, context.attributes.axes);
    if (dims === undefined || (axes.present ? axes.values === undefined : !allNumbers(dims))) {
      return [factOf(dtype, undefined)];
    }
    return [factOf(dtype, squeezed(context, dims, axes.values))];
  },

  evaluate(context) {
    const data = context.tensor(0);
    const axes = evaluatedList(context, 1, context.attributes.axes);
    return [like(data, squeezed(context, data.dims, axes) as number[], data.data)];
  },
});

function squeezed(context: Failing, dims: readonly Dim[], axes: readonly number[] | undefined): Dim[] {
  if (axes === undefined || axes.length === 0) return dims.filter((size) => size !== 1);
  const drop = axesOf(context, axes, dims.length);
  for (const axis of drop) {
    const size = dims[axis];
    if (typeof size === "number" && size !== 1)
      context.fail(`axis ${axis} of [${dims}] has size ${size}, expected 1`);
  }
  return dims.filter((_, axis) => !drop.includes(axis));
}
