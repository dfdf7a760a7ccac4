import { isFloat } from "../../../dtype.ts";
import { spend } from "../../../interruptible.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, factOf } from "../../define.ts";
import { fromNumbers, toNumbers } from "../../shared/elements.ts";

/** The determinant of the n x n matrix in `a`, which is overwritten: Gaussian elimination with row pivots. */
function determinant(a: Float64Array, n: number): number {
  let result = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(a[row * n + column] as number) > Math.abs(a[pivot * n + column] as number)) pivot = row;
    }
    const lead = a[pivot * n + column] as number;
    spend((n - column) * (n - column));
    if (lead === 0) return 0;
    if (pivot !== column) {
      result = -result;
      for (let i = column; i < n; i++) {
        const held = a[column * n + i] as number;
        a[column * n + i] = a[pivot * n + i] as number;
        a[pivot * n + i] = held;
      }
    }
    result *= lead;
    for (let row = column + 1; row < n; row++) {
      const factor = (a[row * n + column] as number) / lead;
      for (let i = column; i < n; i++) {
        a[row * n + i] = (a[row * n + i] as number) - factor * (a[column * n + i] as number);
      }
    }
  }
  return result;
}

/**
 * Det: determinants of the square matrices in the last two dims.
 * https://onnx.ai/onnx/operators/onnx__Det.html
 */
export const det = defineOp({
  type: "Det",
  since: [11, 22],
  inputs: ["X"],
  attributes: {},

  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (!isFloat(dtype)) context.failType(`X must be floating point, got ${dtype}`);
    if (dims === undefined) return [factOf(dtype, undefined)];
    const [rows, columns] = dims.slice(-2);
    const square = typeof rows !== "number" || typeof columns !== "number" || rows === columns;
    if (dims.length < 2 || !square) context.fail(`X must hold square matrices, got [${dims}]`);
    return [factOf(dtype, dims.slice(0, -2))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const n = x.dims.at(-1) as number;
    const dims = x.dims.slice(0, -2);
    const values = toNumbers(x);
    const results = new Float64Array(elementCount(dims));
    for (let i = 0; i < results.length; i++) {
      results[i] = determinant(Float64Array.from(values.subarray(i * n * n, (i + 1) * n * n)), n);
    }
    return [fromNumbers(x.dtype, dims, results)];
  },
});
