import { defineOp, factOf, int, string } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { toNumbers } from "../shared/elements.ts";
import { lossDims, negativeLogLikelihood } from "./losses.ts";

/**
 * NegativeLogLikelihoodLoss: minus the log-probability of the target class, weighted by class.
 * https://onnx.ai/onnx/operators/onnx__NegativeLogLikelihoodLoss.html
 */
export const negativeLogLikelihoodLoss = defineOp({
  type: "NegativeLogLikelihoodLoss",
  since: [12, 13, 22],
  inputs: ["input", "target", "weight?"],
  attributes: { ignoreIndex: int(), reduction: string("mean") },
  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "input", dtype, FLOATS);
    return [factOf(dtype, lossDims(context, dims, context.dims(1)))];
  },
  evaluate(context) {
    const { input, target, weight } = context.tensors();
    lossDims(context, input.dims, target.dims);
    return [negativeLogLikelihood(context, toNumbers(input), input, target, weight)];
  },
});
