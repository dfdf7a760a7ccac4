import { defineOp, factOf } from "../define.ts";
import { checkAlike, checkDType } from "../elementwise/dtypes.ts";
import { productMacs } from "../shared/macs.ts";
import { integerMatMul, productDims } from "./integer-matmul.ts";

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
    const { a, b } = context.facts();
    return [factOf("int32", productDims(context, a.dims, b.dims))];
  },

  evaluate(context) {
    const { a, b, aZeroPoint, bZeroPoint } = context.tensors();
    const { sums, dims } = integerMatMul(context, a, b, aZeroPoint, bZeroPoint);
    return [{ dtype: "int32", dims, data: sums }];
  },
});
