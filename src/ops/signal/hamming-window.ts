import { defineWindowOp } from "./window-op.ts";

/**
 * HammingWindow: the Hamming window of a given size.
 * https://onnx.ai/onnx/operators/onnx__HammingWindow.html
 */
export const hammingWindow = defineWindowOp("HammingWindow", [25 / 46, 21 / 46]);
