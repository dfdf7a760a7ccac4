import { float, int, type Op } from "../../define.ts";
import { numberToBigInt } from "../../shared/elements.ts";
import { INTEGERS, NUMBERS } from "../dtypes.ts";
import { unary } from "../unary-op.ts";

/** Functions of one number that vision networks do without: https://onnx.ai/onnx/operators has a page for each. */
export const RARE_UNARY: readonly Op[] = [
  // The inverse cosine, in radians.
  unary("Acos", [7, 22], { scalar: () => Math.acos }),
  // The inverse hyperbolic cosine.
  unary("Acosh", [9, 22], { scalar: () => Math.acosh }),
  // The inverse sine, in radians.
  unary("Asin", [7, 22], { scalar: () => Math.asin }),
  // The inverse hyperbolic sine.
  unary("Asinh", [9, 22], { scalar: () => Math.asinh }),
  // The inverse tangent, in radians.
  unary("Atan", [7, 22], { scalar: () => Math.atan }),
  // The inverse hyperbolic tangent.
  unary("Atanh", [9, 22], { scalar: () => Math.atanh }),
  // Every bit turned.
  unary("BitwiseNot", [18], { dtypes: INTEGERS, scalar: () => (x) => ~x, wide: () => (x) => ~x }),
  // The hyperbolic cosine.
  unary("Cosh", [9, 22], { scalar: () => Math.cosh }),
  // Whether the element is infinite; either sign can be left out.
  unary("IsInf", [10, 20], {
    attributes: { detectNegative: int(1), detectPositive: int(1) },
    output: "bool",
    scalar:
      ({ detectNegative, detectPositive }) =>
      (x) =>
        (x === Infinity && detectPositive !== 0) || (x === -Infinity && detectNegative !== 0) ? 1 : 0,
  }),
  // Whether the element is not a number.
  unary("IsNaN", [9, 13, 20], { output: "bool", scalar: () => (x) => (Number.isNaN(x) ? 1 : 0) }),
  // x + bias below -lambd, x - bias above lambd, else 0.
  unary("Shrink", [9], {
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
  }),
  // The hyperbolic sine.
  unary("Sinh", [9, 22], { scalar: () => Math.sinh }),
  // The tangent, of radians.
  unary("Tan", [7, 22], { scalar: () => Math.tan }),
];
