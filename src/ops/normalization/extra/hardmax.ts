import { defineSoftmaxOp, hardmaxVector } from "../softmax-op.ts";

/**
 * Hardmax: 1 where the (first) largest element of a vector stands, 0 elsewhere.
 * https://onnx.ai/onnx/operators/onnx__Hardmax.html
 */
export const hardmax = defineSoftmaxOp({ type: "Hardmax", map: hardmaxVector });
