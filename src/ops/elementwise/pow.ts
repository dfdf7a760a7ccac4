import { createData, is64Bit, isFloat } from "../../dtype.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { LEGACY_ATTRIBUTES } from "./binary-op.ts";
import { alignSecond, broadcastOf, legacyOf } from "./broadcast.ts";
import { combineArrays } from "./combine.ts";
import { checkDType, NUMBERS } from "./dtypes.ts";

/**
 * Pow: a to the power of b, broadcast; the result has a's dtype, whatever b's.
 * https://onnx.ai/onnx/operators/onnx__Pow.html
 */
export const pow = defineOp({
  type: "Pow",
  since: [1, 7, 12, 13, 15],
  inputs: ["a", "b"],
  attributes: LEGACY_ATTRIBUTES,
  // The power that networks ask for most.
  activation: ({ inputs: [a, b] }) => {
    const known = b?.data?.data.length === 1 && b.data.dims.length <= (a?.dims?.length ?? 0);
    return known && b.data.data[0] === 2 ? { kind: "square", alpha: 0, beta: 0 } : undefined;
  },
  receptiveField: atOwnPlace,

  infer(context) {
    const a = context.fact(0);
    const b = context.fact(1);
    checkDType(context, "a", a.dtype, NUMBERS);
    checkDType(context, "b", b.dtype, NUMBERS);
    const second = a.dims && b.dims && alignSecond(context, legacyOf(context.attributes), a.dims, b.dims);
    return [factOf(a.dtype, broadcastOf(context, a.dims, second))];
  },

  evaluate(context) {
    const a = context.tensor(0);
    const b = context.tensor(1);
    const second = alignSecond(context, context.attributes, a.dims, b.dims);
    const dims = broadcastOf(context, a.dims, second) as number[];
    if (is64Bit(a.dtype) && !isFloat(b.dtype)) return [widePower(a, b, second, dims)];
    const powers = new Float64Array(elementCount(dims));
    combineArrays(power, toNumbers(a), a.dims, toNumbers(b), second, powers, dims);
    return [fromNumbers(a.dtype, dims, powers)];
  },
});

/** C's pow: 1 to any power and anything to the power of 0 is 1, and so is -1 to an infinite power. */
function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  return a ** b;
}

function widePower(
  a: TensorData,
  b: TensorData,
  bDims: readonly number[],
  dims: readonly number[],
): TensorData {
  const exponents = is64Bit(b.dtype)
    ? (b.data as BigInt64Array)
    : BigInt64Array.from(toNumbers(b) as Int32Array, BigInt);
  const data = createData(a.dtype, elementCount(dims));
  const fn = (x: bigint, e: bigint): bigint => {
    if (e >= 0n) return wrappedPower(x, e);
    return x === 1n ? 1n : x === -1n ? (e % 2n === 0n ? 1n : -1n) : 0n;
  };
  combineArrays(
    fn as unknown as (a: number, b: number) => number,
    a.data,
    a.dims,
    exponents,
    bDims,
    data,
    dims,
  );
  return { dtype: a.dtype, dims, data };
}

/** x to the power of e ≥ 0, modulo 2^64. */
function wrappedPower(x: bigint, e: bigint): bigint {
  let result = 1n;
  let square = BigInt.asUintN(64, x);
  for (let rest = e; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asUintN(64, result * square);
    square = BigInt.asUintN(64, square * square);
  }
  return result;
}
