import { dimProduct } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, int } from "../define.ts";
import { axisOf } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";

/** Flatten: a matrix of the axes before `axis` by those from it on. https://onnx.ai/onnx/operators/onnx__Flatten.html */
export const flatten = defineOp({
  type: "Flatten",
  since: [1, 9, 11, 13, 21, 23, 24, 25],
  inputs: ["input"],
  attributes: { axis: int(1) },
  view: true,
  moves: true,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (dims === undefined) return [factOf(dtype, ["?", "?"])];
    const axis = axisOf(context, context.attributes.axis, dims.length, dims.length);
    return [factOf(dtype, [product(dims.slice(0, axis)), product(dims.slice(axis))])];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const axis = axisOf(context, context.attributes.axis, input.dims.length, input.dims.length);
    const dims = [product(input.dims.slice(0, axis)), product(input.dims.slice(axis))] as number[];
    return [like(input, dims, input.data)];
  },
});

/** A lone symbol among ones stays that symbol. */
function product(dims: readonly Dim[]): Dim {
  const rest = dims.filter((dim) => dim !== 1);
  return rest.length === 1 ? (rest[0] as Dim) : dimProduct(rest);
}
