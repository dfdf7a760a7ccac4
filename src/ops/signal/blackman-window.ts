import { defineWindowOp } from "./window-op.ts";

/**
 * BlackmanWindow: the Blackman window of a given size.
 * https://onnx.ai/onnx/operators/onnx__BlackmanWindow.html
 */
export const blackmanWindow = defineWindowOp("BlackmanWindow", [0.42, 0.5, 0.08]);
