import { type DType, dtypeInfo } from "../../../dtype.ts";
import { defineOp, factOf, required, string } from "../../define.ts";
import { broadcastOf } from "../broadcast.ts";
import { combine, type Pairing } from "../combine.ts";
import { checkDType, INTEGERS } from "../dtypes.ts";

/** Shifting by the width or more leaves nothing (of a negative number going right: -1). */
const left: Pairing = {
  number: (a, b) => (b < 0 || b > 31 ? 0 : a << b),
  wide: (a, b) => (b < 0n || b > 63n ? 0n : a << b),
};

const right = (dtype: DType): Pairing => {
  const signed = dtypeInfo[dtype].kind === "signed";
  return {
    number: signed ? (a, b) => a >> Math.min(b, 31) : (a, b) => (b > 31 ? 0 : a >>> b),
    wide: (a, b) => (a >> (b > 63n ? 63n : b)) >> (b > 63n ? 1n : 0n),
  };
};

/**
 * BitShift: a shifted by b bits to the LEFT or RIGHT, broadcast.
 * https://onnx.ai/onnx/operators/onnx__BitShift.html
 */
export const bitShift = defineOp({
  type: "BitShift",
  since: [11, 28],
  inputs: ["a", "b"],
  attributes: { direction: required(string()) },

  infer(context) {
    const a = context.fact(0);
    const b = context.fact(1);
    const { direction } = context.attributes;
    checkDType(context, "a", a.dtype, INTEGERS);
    if (b.dtype !== a.dtype) context.failType(`b must be ${a.dtype} like a, got ${b.dtype}`);
    if (direction !== "LEFT" && direction !== "RIGHT")
      context.fail(`direction must be LEFT or RIGHT, got ${direction}`);
    return [factOf(a.dtype, broadcastOf(context, a.dims, b.dims))];
  },

  evaluate(context) {
    const a = context.tensor(0);
    const b = context.tensor(1);
    const dims = broadcastOf(context, a.dims, b.dims) as number[];
    return [combine(context.attributes.direction === "LEFT" ? left : right(a.dtype), a, b, a.dtype, dims)];
  },
});
