import { broadcastDims, broadcastStrides, showDims } from "../../graph/dims.ts";
import { type Dim, sameDims } from "../../graph/graph.ts";
import { defineOp, factOf } from "../define.ts";
import { checkList } from "../elementwise/dtypes.ts";
import { listLength } from "../shared/axes.ts";
import { toNumberArray } from "../shared/elements.ts";
import { readStrided } from "./strided-copy.ts";

/** Expand: the input broadcast against a shape, in both directions. https://onnx.ai/onnx/operators/onnx__Expand.html */
export const expand = defineOp({
  type: "Expand",
  since: [8, 13],
  inputs: ["input", "shape"],
  attributes: {},
  identity: ({ inputs, outputs }) => sameDims(inputs[0], outputs[0]),

  infer(context) {
    checkList(context, 1, "shape");
    const { dtype, dims } = context.fact(0);
    const shape = context.data(1);
    if (dims !== undefined && shape !== undefined) {
      const target = toNumberArray(shape);
      const result = broadcastDims(dims, target);
      return [factOf(dtype, result ?? context.fail(`cannot expand ${showDims(dims)} to [${target}]`))];
    }
    const length = listLength(context, 1);
    if (dims === undefined || length === undefined) return [factOf(dtype, undefined)];
    return [factOf(dtype, new Array<Dim>(Math.max(length, dims.length)).fill("?"))];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const target = toNumberArray(context.tensor(1));
    const dims = broadcastDims(input.dims, target) as number[] | undefined;
    if (dims === undefined) return context.fail(`cannot expand ${showDims(input.dims)} to [${target}]`);
    return [readStrided(input, dims, 0, broadcastStrides(input.dims, dims))];
  },
});
