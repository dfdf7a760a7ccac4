import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, sameAs, string } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { logSoftmaxVector, mapVectors } from "../normalization/softmax-op.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { lossDims, negativeLogLikelihood } from "./losses.ts";

/**
 * SoftmaxCrossEntropyLoss: the negative log-likelihood of LogSoftmax over axis 1, and that LogSoftmax.
 * https://onnx.ai/onnx/operators/onnx__SoftmaxCrossEntropyLoss.html
 */
export const softmaxCrossEntropyLoss = defineOp({
  type: "SoftmaxCrossEntropyLoss",
  since: [12, 13],
  inputs: ["scores", "labels", "weights?"],
  outputs: ["output", "log_prob?"],
  attributes: { ignoreIndex: int(), reduction: string("mean") },
  infer(context) {
    const scores = context.fact(0);
    checkDType(context, "scores", scores.dtype, FLOATS);
    return [factOf(scores.dtype, lossDims(context, scores.dims, context.dims(1))), sameAs(scores)];
  },
  evaluate(context) {
    const { scores, labels, weights } = context.tensors();
    lossDims(context, scores.dims, labels.dims);
    const classes = scores.dims[1] as number;
    const logs = mapVectors(toNumbers(scores), classes, elementCount(scores.dims.slice(2)), logSoftmaxVector);
    const loss = negativeLogLikelihood(context, logs, scores, labels, weights);
    return [loss, fromNumbers(scores.dtype, scores.dims, logs)];
  },
});
