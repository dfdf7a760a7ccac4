import { float } from "../define.ts";
import { numberToBigInt } from "../shared/elements.ts";
import { NUMBERS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Shrink: x + bias below -lambd, x - bias above lambd, else 0.
 * https://onnx.ai/onnx/operators/onnx__Shrink.html
 */
export const shrink = defineUnaryOp({
  type: "Shrink",
  since: [9],
  attributes: { bias: float(0), lambd: float(0.5) },
  dtypes: NUMBERS,
  scalar:
    ({ bias, lambd }) =>
    (x) =>
      x < -lambd ? x + bias : x > lambd ? x - bias : 0,
  wide:
    ({ bias, lambd }) =>
    (x) => {
      const value = Number(x);
      return numberToBigInt(value < -lambd ? value + bias : value > lambd ? value - bias : 0, "int64");
    },
});
