import { showDims } from "../graph/dims.ts";
import { defineOp, type EvaluateContext, factOf, int } from "./define.ts";
import { type DType, DTYPES, dtypeInfo } from "../dtype.ts";
import type { Failing } from "./shared/axes.ts";
import { fromNumbers } from "./shared/elements.ts";

/** EyeLike: ones on the k-th diagonal of a matrix of the input's dims. https://onnx.ai/onnx/operators/onnx__EyeLike.html */
export const eyeLike = defineOp({
  type: "EyeLike",
  since: [9, 22],
  inputs: ["input"],
  attributes: { dtype: int(), k: int(0) },

  infer(context) {
    const fact = context.fact(0);
    if (fact.dims !== undefined && fact.dims.length !== 2) {
      context.fail(`the input must be a matrix, got ${showDims(fact.dims)}`);
    }
    return [factOf(dtypeOf(context, context.attributes.dtype) ?? fact.dtype, fact.dims)];
  },

  evaluate(context: EvaluateContext<{ readonly dtype: number | undefined; readonly k: number }>) {
    const input = context.tensor(0);
    const [rows, cols] = input.dims as [number, number];
    const ones = new Uint8Array(rows * cols);
    for (let row = 0; row < rows; row++) {
      const col = row + context.attributes.k;
      if (col >= 0 && col < cols) ones[row * cols + col] = 1;
    }
    return [fromNumbers(dtypeOf(context, context.attributes.dtype) ?? input.dtype, input.dims, ones)];
  },
});

/** The dtype of an ONNX TensorProto.DataType number. */
function dtypeOf(context: Failing, number: number | undefined): DType | undefined {
  if (number === undefined || number === 0) return undefined;
  return DTYPES.find((dtype) => dtypeInfo[dtype].onnx === number) ?? context.fail(`dtype ${number} is not supported`);
}
