import { broadcastDims, broadcastStrides, showDims } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { forEachStrided } from "../movement/strided.ts";

/** StringConcat: strings joined element by element, with broadcasting. https://onnx.ai/onnx/operators/onnx__StringConcat.html */
export const stringConcat = defineOp({
  type: "StringConcat",
  since: [20],
  inputs: ["x", "y"],
  outputs: ["z"],
  attributes: {},

  infer(context) {
    const [x, y] = [context.fact(0), context.fact(1)];
    if (x.dtype !== "string" || y.dtype !== "string")
      context.failType(`inputs must be strings, got ${x.dtype}, ${y.dtype}`);
    if (x.dims === undefined || y.dims === undefined) return [factOf("string", undefined)];
    const dims = broadcastDims(x.dims, y.dims);
    return [
      factOf("string", dims ?? context.fail(`${showDims(x.dims)} and ${showDims(y.dims)} do not broadcast`)),
    ];
  },

  evaluate(context) {
    const [x, y] = [context.tensor(0), context.tensor(1)];
    const dims = broadcastDims(x.dims, y.dims) as number[] | undefined;
    if (dims === undefined)
      return context.fail(`${showDims(x.dims)} and ${showDims(y.dims)} do not broadcast`);
    const data = new Array<string>(elementCount(dims));
    const [left, right] = [x.data as string[], y.data as string[]];
    forEachStrided(dims, broadcastStrides(x.dims, dims), broadcastStrides(y.dims, dims), (i, a, b) => {
      data[i] = (left[a] as string) + (right[b] as string);
    });
    return [{ dtype: "string", dims, data }];
  },
});
