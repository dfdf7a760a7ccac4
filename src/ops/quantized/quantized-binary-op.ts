import { createData, type DType } from "../../dtype.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, type Op } from "../define.ts";
import { broadcastOf } from "../elementwise/broadcast.ts";
import { combineArrays } from "../elementwise/combine.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { roundHalfEven } from "../elementwise/scalars.ts";
import { scalarOf } from "../shared/axes.ts";
import { toNumbers } from "../shared/elements.ts";
import { QUANTIZED_RANGE } from "./quantization.ts";

/** A quantised tensor's parameters. */
export interface Quantization {
  readonly scale: number;
  readonly zero: number;
}

/** The result in units of y's scale, y's zero point included: what is left is to round and to saturate. */
export type QuantizedPairing = (
  a: Quantization,
  b: Quantization,
  y: Quantization,
) => (a: number, b: number) => number;

/** An operator on two quantised tensors, broadcast, whose result is quantised again (com.microsoft). */
export function defineQuantizedBinaryOp(type: string, pairing: QuantizedPairing): Op {
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
      const parameters = (scaleAt: number): Quantization => {
        const zero = context.optional(scaleAt + 1);
        return {
          scale: scalarOf(context, context.tensor(scaleAt), `input ${scaleAt}`),
          zero: zero === undefined ? 0 : scalarOf(context, zero, `input ${scaleAt + 1}`),
        };
      };
      const exact = pairing(parameters(1), parameters(4), parameters(6));
      const dims = broadcastOf(context, a.dims, b.dims) as number[];
      const data = createData(a.dtype as DType, elementCount(dims));
      const [min, max] = QUANTIZED_RANGE[a.dtype] as readonly [number, number];
      const saturated = (x: number, y: number): number =>
        Math.max(min, Math.min(max, roundHalfEven(exact(x, y))));
      combineArrays(saturated, toNumbers(a), a.dims, toNumbers(b), b.dims, data, dims);
      return [{ dtype: a.dtype, dims, data }];
    },
  });
}
