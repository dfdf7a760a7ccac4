import { rowMajorStrides, showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import type { TensorData } from "../../../tensor.ts";
import { defineOp, factOf, float, int } from "../../define.ts";
import { combineArrays } from "../../elementwise/combine.ts";
import { checkDType } from "../../elementwise/dtypes.ts";
import { readStrided } from "../../movement/strided-copy.ts";
import { sameDim, scalarOf } from "../../shared/axes.ts";
import { toNumbers } from "../../shared/elements.ts";
import { productMacs } from "../../shared/macs.ts";
import { integerMatMul } from "../integer-matmul.ts";
import { requantize } from "../requantize.ts";

/**
 * QGemm: alpha·a·b + c of quantised matrices; float32 unless y has a scale and a zero point.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QGemm
 */
export const qGemm = defineOp({
  type: "QGemm",
  domain: "com.microsoft",
  since: [1],
  inputs: ["a", "aScale", "aZeroPoint", "b", "bScale", "bZeroPoint", "c?", "yScale?", "yZeroPoint?"],
  attributes: { alpha: float(1), transA: int(0), transB: int(0) },
  macs: (facts) => productMacs(facts, facts.attributes.transA !== 0),

  infer(context) {
    for (const i of [0, 3]) checkDType(context, `input ${i}`, context.fact(i).dtype, ["int8", "uint8"]);
    const { yZeroPoint, ...given } = context.facts();
    const output = yZeroPoint?.dtype ?? "float32";
    checkDType(context, "the output", output, yZeroPoint === undefined ? ["float32"] : ["int8", "uint8"]);
    const [a, b] = [given.a.dims, given.b.dims];
    if (a === undefined || b === undefined) return [factOf(output, undefined)];
    if (a.length !== 2 || b.length !== 2)
      context.fail(`a and b must be matrices, got ${showDims(a)} and ${showDims(b)}`);
    const { transA, transB } = context.attributes;
    const [m, k] = (transA === 0 ? a : [a[1], a[0]]) as [Dim, Dim];
    const [kOfB, n] = (transB === 0 ? b : [b[1], b[0]]) as [Dim, Dim];
    sameDim(context, k, kOfB, "columns of a and rows of b");
    return [factOf(output, [m, n])];
  },

  evaluate(context) {
    const { alpha, transA, transB } = context.attributes;
    const { c, yScale: yScaleInput, yZeroPoint: yZero, ...given } = context.tensors();
    const a = transposed(given.a, transA);
    const b = transposed(given.b, transB);
    const { sums, dims, n } = integerMatMul(context, a, b, given.aZeroPoint, given.bZeroPoint);
    if (c !== undefined) combineArrays((x, y) => x + y, sums, dims, toNumbers(c), c.dims, sums, dims);
    const aScale = scalarOf(context, given.aScale, "a_scale") * alpha;
    const bScales = toNumbers(given.bScale);
    const yScale =
      yScaleInput === undefined || yZero === undefined ? 1 : scalarOf(context, yScaleInput, "y_scale");
    const scales = Float32Array.from(bScales, (scale) => (aScale * scale) / yScale);
    if (yZero !== undefined) {
      const run = scales.length === 1 ? sums.length : 1;
      return [requantize(sums, dims, scales, run, scalarOf(context, yZero, "y_zero_point"), yZero.dtype)];
    }
    const data = Float32Array.from(
      sums,
      (sum, i) => sum * (scales[scales.length === 1 ? 0 : i % n] as number),
    );
    return [{ dtype: "float32", dims, data }];
  },
});

function transposed(matrix: TensorData, flag: number): TensorData {
  if (flag === 0) return matrix;
  const [rows, columns] = matrix.dims as [number, number];
  const [row, column] = rowMajorStrides(matrix.dims) as [number, number];
  return readStrided(matrix, [columns, rows], 0, [column, row]);
}
