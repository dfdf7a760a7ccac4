import { MAX_RANK } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, ints } from "../define.ts";
import { checkList } from "../elementwise/dtypes.ts";
import { axesOf, evaluatedList, type Failing, inferredList, listLength } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";

/** Unsqueeze: with axes of size 1 at the places named, counted in the output. https://onnx.ai/onnx/operators/onnx__Unsqueeze.html */
export const unsqueeze = defineOp({
  type: "Unsqueeze",
  since: [1, 11, 13, 21, 23, 24, 25],
  inputs: ["data", "axes?"],
  outputs: ["expanded"],
  attributes: { axes: ints() },
  view: true,
  moves: true,

  infer(context) {
    checkList(context, 1, "axes");
    const { dtype, dims } = context.fact(0);
    const axes = inferredList(context, 1, context.attributes.axes);
    if (!axes.present) context.fail("axes are missing");
    if (dims === undefined) return [factOf(dtype, undefined)];
    if (axes.values !== undefined) return [factOf(dtype, unsqueezed(context, dims, axes.values))];
    const added = listLength(context, 1);
    return [factOf(dtype, added === undefined ? undefined : new Array<Dim>(dims.length + added).fill("?"))];
  },

  evaluate(context) {
    const data = context.tensor(0);
    const axes = evaluatedList(context, 1, context.attributes.axes);
    if (axes === undefined) return context.fail("axes are missing");
    return [like(data, unsqueezed(context, data.dims, axes) as number[], data.data)];
  },
});

function unsqueezed(context: Failing, dims: readonly Dim[], axes: readonly number[]): Dim[] {
  const rank = dims.length + axes.length;
  if (rank > MAX_RANK) context.fail(`${rank} axes, a tensor has ${MAX_RANK} at most`);
  const added = axesOf(context, axes, rank);
  const rest = [...dims];
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : (rest.shift() as Dim)));
}
