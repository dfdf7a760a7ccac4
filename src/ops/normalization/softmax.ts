import { defineSoftmaxOp, softmaxVector } from "./softmax-op.ts";

/**
 * Softmax: exp(x) over its sum along `axis`; before opset 13 along all axes from `axis` on.
 * https://onnx.ai/onnx/operators/onnx__Softmax.html
 */
export const softmax = defineSoftmaxOp({ type: "Softmax", map: softmaxVector });
