import { defineSoftmaxOp, logSoftmaxVector } from "./softmax-op.ts";

/**
 * LogSoftmax: the logarithm of Softmax, computed without forming it.
 * https://onnx.ai/onnx/operators/onnx__LogSoftmax.html
 */
export const logSoftmax = defineSoftmaxOp({ type: "LogSoftmax", map: logSoftmaxVector });
