import { defineOp, factOf, int } from "../../define.ts";
import { broadcastOf } from "../broadcast.ts";
import { combine, type Pairing } from "../combine.ts";
import { checkDType, NUMBERS } from "../dtypes.ts";

/** The rest has the divisor's sign. Integers give 0 where b is 0. */
const floored: Pairing = {
  number: (a, b) => {
    const rest = a % b;
    if (rest === 0) return b < 0 ? -0 : 0;
    return rest < 0 !== b < 0 ? rest + b : rest;
  },
  wide: (a, b) => {
    if (b === 0n) return 0n;
    const rest = a % b;
    return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
  },
};

/** The rest has the dividend's sign, as in C. */
const truncated: Pairing = {
  number: (a, b) => a % b,
  wide: (a, b) => (b === 0n ? 0n : a % b),
};

/**
 * Mod: what is left of a / b, broadcast; by floor, or with fmod by truncation.
 * https://onnx.ai/onnx/operators/onnx__Mod.html
 */
export const mod = defineOp({
  type: "Mod",
  since: [10, 13, 28],
  inputs: ["a", "b"],
  attributes: { fmod: int(0) },

  infer(context) {
    const a = context.fact(0);
    const b = context.fact(1);
    checkDType(context, "a", a.dtype, NUMBERS);
    if (b.dtype !== a.dtype) context.failType(`b must be ${a.dtype} like a, got ${b.dtype}`);
    return [factOf(a.dtype, broadcastOf(context, a.dims, b.dims))];
  },

  evaluate(context) {
    const a = context.tensor(0);
    const b = context.tensor(1);
    const dims = broadcastOf(context, a.dims, b.dims) as number[];
    return [combine(context.attributes.fmod === 0 ? floored : truncated, a, b, a.dtype, dims)];
  },
});
