import { createData, type DType } from "../../dtype.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, type Op, placesOf } from "../define.ts";
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

const INPUTS = ["a", "aScale", "aZeroPoint?", "b", "bScale", "bZeroPoint?", "yScale", "yZeroPoint?"] as const;
const AT = placesOf(INPUTS);

/** An operator on two quantised tensors, broadcast, whose result is quantised again (com.microsoft). */
export function defineQuantizedBinaryOp(type: string, pairing: QuantizedPairing): Op {
  return defineOp({
    type,
    domain: "com.microsoft",
    since: [1],
    inputs: INPUTS,
    attributes: {},

    infer(context) {
      const [a, b] = [context.fact(AT.a), context.fact(AT.b)];
      checkDType(context, "a", a.dtype, ["int8", "uint8"]);
      if (b.dtype !== a.dtype) context.failType(`b must be ${a.dtype} like a, got ${b.dtype}`);
      return [factOf(a.dtype, broadcastOf(context, a.dims, b.dims))];
    },

    evaluate(context) {
      const { a, b, ...given } = context.tensors();
      const parameters = (of: "a" | "b" | "y"): Quantization => {
        const [scaleName, zeroName] = [`${of}Scale`, `${of}ZeroPoint`] as const;
        const zero = given[zeroName];
        return {
          scale: scalarOf(context, given[scaleName], `input ${AT[scaleName]}`),
          zero: zero === undefined ? 0 : scalarOf(context, zero, `input ${AT[zeroName]}`),
        };
      };
      const exact = pairing(parameters("a"), parameters("b"), parameters("y"));
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
