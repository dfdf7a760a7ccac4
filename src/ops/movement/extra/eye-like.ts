import { showDims } from "../../../graph/dims.ts";
import { defineOp, factOf, int } from "../../define.ts";
import { checkDType, NUMBERS } from "../../elementwise/dtypes.ts";
import { fromNumbers } from "../../shared/elements.ts";
import { dtypeOfOnnx } from "../../shared/onnx-dtype.ts";

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
    const { dtype } = context.attributes;
    const made = dtype === undefined ? fact.dtype : dtypeOfOnnx(context, dtype);
    checkDType(context, "the output", made, [...NUMBERS, "bool"]);
    return [factOf(made, fact.dims)];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const [rows, cols] = input.dims as [number, number];
    const ones = new Uint8Array(rows * cols);
    for (let row = 0; row < rows; row++) {
      const col = row + context.attributes.k;
      if (col >= 0 && col < cols) ones[row * cols + col] = 1;
    }
    const { dtype } = context.attributes;
    return [fromNumbers(dtype === undefined ? input.dtype : dtypeOfOnnx(context, dtype), input.dims, ones)];
  },
});
