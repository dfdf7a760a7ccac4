import { defineOp, factOf, type Op } from "../define.ts";
import { scalarOf } from "./axes.ts";
import { broadcastOf } from "./broadcast.ts";
import { combineArrays } from "./combine.ts";
import { toNumbers } from "./elements.ts";
import { checkDType } from "./elementwise.ts";
import { granularity, quantize } from "./quantization.ts";
import { elementCount } from "../../tensor.ts";

/** An operator on two quantised tensors, broadcast, whose real result is quantised again (com.microsoft). */
export function defineQuantizedBinaryOp(type: string, real: (a: number, b: number) => number): Op {
  return defineOp({
    type,
    domain: "com.microsoft",
    since: [1],
    inputs: ["a", "aScale", "aZeroPoint?", "b", "bScale", "bZeroPoint?", "yScale", "yZeroPoint?"],
    attributes: {},

    infer(context) {
      const [a, b] = [context.fact(0), context.fact(3)];
      checkDType(context, "a", a.dtype, ["int8", "uint8"]);
      if (b.dtype !== a.dtype) context.failType(`b must be ${a.dtype} like a, got ${b.dtype}`);
      return [factOf(a.dtype, broadcastOf(context, a.dims, b.dims))];
    },

    evaluate(context) {
      const [a, b] = [context.tensor(0), context.tensor(3)];
      const dims = broadcastOf(context, a.dims, b.dims) as number[];
      const number = (index: number, what: string): number => {
        const tensor = context.optional(index);
        return tensor === undefined ? 0 : scalarOf(context, tensor, what);
      };
      const [aScale, aZero] = [number(1, "a_scale"), number(2, "a_zero_point")];
      const [bScale, bZero] = [number(4, "b_scale"), number(5, "b_zero_point")];
      const values = new Float32Array(elementCount(dims));
      const result = (x: number, y: number): number => real(aScale * (x - aZero), bScale * (y - bZero));
      combineArrays(result, toNumbers(a), a.dims, toNumbers(b), b.dims, values, dims);
      const whole = { ...context, attributes: { axis: 0, blockSize: 0 } };
      const exact = { dtype: "float32", dims, data: values } as const;
      return [quantize(exact, context.tensor(6), context.optional(7), a.dtype, granularity(whole, dims, []))];
    },
  });
}
