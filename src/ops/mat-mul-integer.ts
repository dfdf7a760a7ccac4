import { elementCount } from "../tensor.ts";
import { defineOp, factOf } from "./define.ts";
import { isConstant, type LowerContext } from "./lowering.ts";
import { checkAlike, checkDType } from "./shared/elementwise.ts";
import { integerMatMul, productDims } from "./shared/integer-matmul.ts";
import { productMacs } from "./shared/macs.ts";
import { emitSums } from "./shared/quantized-lowering.ts";
import { quantizedMatrix } from "./shared/quantized-packing.ts";
import { productShape } from "./shared/spatial.ts";

/**
 * MatMulInteger: numpy.matmul of 8-bit tensors less their zero points, in int32.
 * https://onnx.ai/onnx/operators/onnx__MatMulInteger.html
 */
export const matMulInteger = defineOp({
  type: "MatMulInteger",
  since: [10],
  inputs: ["a", "b", "aZeroPoint?", "bZeroPoint?"],
  attributes: {},
  macs: (facts) => productMacs(facts),

  infer(context) {
    for (const i of [0, 1])
      checkDType(context, ["a", "b"][i] as string, context.fact(i).dtype, ["int8", "uint8"]);
    checkAlike(context, { a_zero_point: 2 });
    checkAlike(context, { b_zero_point: 3 }, 1);
    return [factOf("int32", productDims(context, 0, 1))];
  },

  evaluate(context) {
    const { sums, dims } = integerMatMul(
      context,
      context.tensor(0),
      context.tensor(1),
      context.optional(2),
      context.optional(3),
    );
    return [{ dtype: "int32", dims, data: sums }];
  },

  lower: [
    {
      name: "gemm",
      when: (context) => isConstantMatrix(context) && context.input(0).dims.length >= 2,
      lower(context) {
        const [a, b, y] = [context.input(0), context.input(1), context.output()];
        const [k, n] = b.dims as [number, number];
        const m = elementCount(a.dims.slice(0, -1));
        const weights = quantizedMatrix(context, b, context.inputs[3], false);
        emitSums(context, productShape(m, k, n), context.at(a), weights, context.at(y), k);
      },
    },
  ],
});

/** A constant right operand with one zero point, or one for each column, and one zero point on the left. */
function isConstantMatrix(context: LowerContext<unknown>): boolean {
  const [b, aZero, bZero] = [context.input(1), context.inputs[2], context.inputs[3]];
  const n = b.dims[1];
  return (
    isConstant(b) &&
    b.dims.length === 2 &&
    (aZero === undefined || elementCount(aZero.dims) === 1) &&
    (bZero === undefined || (isConstant(bZero) && [1, n].includes(elementCount(bZero.dims))))
  );
}
