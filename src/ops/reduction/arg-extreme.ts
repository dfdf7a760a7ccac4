import { normalizeAxis } from "../../graph/dims.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, int, type Op } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { toNumbers } from "../shared/elements.ts";
import { isWideInteger } from "../shared/wide-integers.ts";
import { reducedDims } from "./reducing.ts";

type Comparable = ArrayLike<number> | ArrayLike<bigint>;

/**
 * ArgMax (`sign` 1) or ArgMin (-1): the index along `axis` of the extreme element, the first or the last of equals; of a
 * NaN where there is one.
 */
export function defineArgExtremeOp(type: string, sign: 1 | -1): Op {
  return defineOp({
    type,
    since: [1, 11, 12, 13],
    inputs: ["data"],
    attributes: { axis: int(0), keepdims: int(1), selectLastIndex: int(0) },

    infer(context) {
      const { dtype, dims } = context.fact(0);
      checkDType(context, "data", dtype, NUMBERS);
      if (dims === undefined) return [factOf("int64", undefined)];
      const { axis, keepdims } = context.attributes;
      const range = Math.max(dims.length, 1);
      if (axis < -range || axis >= range)
        context.fail(`axis ${axis} is out of range for rank ${dims.length}`);
      return [factOf("int64", reducedDims(dims, [normalizeAxis(axis, dims.length)], keepdims !== 0))];
    },

    evaluate(context) {
      const data = context.tensor(0);
      const { axis, keepdims, selectLastIndex } = context.attributes;
      const at = Math.max(normalizeAxis(axis, data.dims.length), 0);
      const length = data.dims[at] ?? 1;
      const dims = reducedDims(data.dims, [at], keepdims !== 0);
      if (length === 0 && elementCount(dims) > 0) context.fail(`axis ${axis} of [${data.dims}] is empty`);
      return [indices(data, at, length, dims, sign, selectLastIndex !== 0)];
    },
  });
}

function indices(
  data: TensorData,
  axis: number,
  length: number,
  dims: readonly number[],
  sign: 1 | -1,
  last: boolean,
): TensorData {
  const inner = elementCount(data.dims.slice(axis + 1));
  const x: Comparable = isWideInteger(data) ? data.data : toNumbers(data);
  const result = new BigInt64Array(elementCount(dims));
  for (let i = 0; i < result.length; i++) {
    const base = Math.floor(i / inner) * length * inner + (i % inner);
    let best = 0;
    for (let j = 1; j < length; j++) {
      const value = x[base + j * inner] as number;
      const record = x[base + best * inner] as number;
      const better =
        (sign === 1 ? value > record : value < record) || (Number.isNaN(value) && !Number.isNaN(record));
      const equal = value === record || (Number.isNaN(value) && Number.isNaN(record));
      if (better || (last && equal)) best = j;
    }
    result[i] = BigInt(best);
  }
  return { dtype: "int64", dims, data: result };
}
