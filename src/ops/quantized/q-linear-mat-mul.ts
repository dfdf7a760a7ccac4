import { defineOp, factOf } from "../define.ts";
import { checkAlike, checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { scalarOf } from "../shared/axes.ts";
import { toNumbers } from "../shared/elements.ts";
import { productMacs } from "../shared/macs.ts";
import { integerMatMul, productDims } from "./integer-matmul.ts";
import { outputScales, requantize } from "./requantize.ts";

/**
 * QLinearMatMul: numpy.matmul of quantised tensors to a quantised one. Scales may differ from row to row of a and from
 * column to column of b.
 * https://onnx.ai/onnx/operators/onnx__QLinearMatMul.html
 */
export const qLinearMatMul = defineOp({
  type: "QLinearMatMul",
  since: [10, 21],
  inputs: ["a", "aScale", "aZeroPoint", "b", "bScale", "bZeroPoint", "yScale", "yZeroPoint"],
  attributes: {},
  macs: (facts) => productMacs(facts),

  infer(context) {
    for (const i of [0, 3, 7]) checkDType(context, `input ${i}`, context.fact(i).dtype, ["int8", "uint8"]);
    for (const i of [1, 4, 6]) checkDType(context, `input ${i}`, context.fact(i).dtype, FLOATS);
    checkAlike(context, { "the first zero point": 2 });
    checkAlike(context, { "the second zero point": 5 }, 3);
    const { a, b, yZeroPoint } = context.facts();
    return [factOf(yZeroPoint.dtype, productDims(context, a.dims, b.dims))];
  },

  evaluate(context) {
    const { a, b, yZeroPoint: yZero, ...given } = context.tensors();
    const { sums, dims, m, n } = integerMatMul(context, a, b, given.aZeroPoint, given.bZeroPoint);
    const aScales = toNumbers(given.aScale);
    const bScales = toNumbers(given.bScale);
    const yScale = scalarOf(context, given.yScale, "y_scale");
    const zero = scalarOf(context, yZero, "y_zero_point");
    const single = outputScales(aScales[0] as number, bScales, yScale);
    if (aScales.length === 1 && bScales.length === 1)
      return [requantize(sums, dims, single, n, zero, yZero.dtype)];
    if (aScales.length === 1 && bScales.length === n)
      return [requantize(sums, dims, single, 1, zero, yZero.dtype)];
    const fits = aScales.length % m === 0 && (bScales.length === 1 || bScales.length === n);
    if (!fits)
      context.fail(
        `scales of ${aScales.length} and ${bScales.length} elements do not fit ${m} rows and ${n} columns`,
      );
    const perRow = Array.from(aScales, (scale) => {
      const row = outputScales(scale, bScales, yScale);
      return bScales.length === 1 ? new Float32Array(n).fill(row[0] as number) : row;
    });
    const scales = Float32Array.from(perRow.flatMap((row) => Array.from(row)));
    return [requantize(sums, dims, scales, 1, zero, yZero.dtype)];
  },
});
