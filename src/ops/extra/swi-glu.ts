import { defineOp, factOf, float } from "../define.ts";
import { binaryCode, unaryCode } from "../kernel-contract.ts";
import { binaryBox, emitBinary, fitsBinary } from "../shared/binary-lowering.ts";
import { broadcastOf } from "../shared/broadcast.ts";
import { combine } from "../shared/combine.ts";
import { checkDType, FLOATS } from "../shared/elementwise.ts";
import { sigmoid } from "../shared/scalars.ts";
import { emitUnary, float32Operands, sameBytes, sameLayout } from "../shared/unary-lowering.ts";

/**
 * SwiGLU: a·sigmoid(alpha·a)·b, for a and b of the same dims.
 * https://onnx.ai/onnx/operators/onnx__SwiGLU.html
 */
export const swiGlu = defineOp({
  type: "SwiGLU",
  since: [28],
  inputs: ["a", "b"],
  attributes: { alpha: float(1) },
  layout: ({ inputs }) => (inputs[0]?.dtype === "float32" ? "follow" : "rowMajor"),
  strided: true,
  inPlace: [0],

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

  lower: [
    {
      name: "f32_unary silu, f32_binary mul",
      when: (context) =>
        float32Operands(context) &&
        sameLayout(context.input(0), context.output()) &&
        !sameBytes(context, context.input(1), context.output()) &&
        fitsBinary(binaryBox(context.output(), context.input(1), context.output())),
      lower(context) {
        const [a, b, y] = [context.input(0), context.input(1), context.output()];
        emitUnary(context, unaryCode.silu, context.attributes.alpha, 0, a, y);
        emitBinary(context, binaryCode.mul, y, b, y);
      },
    },
  ],
});
