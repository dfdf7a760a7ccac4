import { defineOp, factOf, float } from "../../define.ts";
import { broadcastOf } from "../broadcast.ts";
import { combine } from "../combine.ts";
import { checkDType, FLOATS } from "../dtypes.ts";
import { sigmoid } from "../scalars.ts";

/**
 * SwiGLU: a·sigmoid(alpha·a)·b, for a and b of the same dims.
 * https://onnx.ai/onnx/operators/onnx__SwiGLU.html
 */
export const swiGlu = defineOp({
  type: "SwiGLU",
  since: [28],
  inputs: ["a", "b"],
  attributes: { alpha: float(1) },

  infer(context) {
    const [a, b] = [context.fact(0), context.fact(1)];
    checkDType(context, "a", a.dtype, FLOATS);
    if (b.dtype !== a.dtype) context.failType(`b must be ${a.dtype} like a, got ${b.dtype}`);
    const dims = broadcastOf(context, a.dims, b.dims);
    if (dims?.length !== a.dims?.length || dims?.length !== b.dims?.length)
      context.fail("a and b must have the same dims");
    return [factOf(a.dtype, dims)];
  },

  evaluate(context) {
    const [a, b] = [context.tensor(0), context.tensor(1)];
    const { alpha } = context.attributes;
    const dims = broadcastOf(context, a.dims, b.dims) as number[];
    return [combine({ number: (x, y) => x * sigmoid(alpha * x) * y }, a, b, a.dtype, dims)];
  },
});
