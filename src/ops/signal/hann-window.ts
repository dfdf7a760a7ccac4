import { defineWindowOp } from "./window-op.ts";

/**
 * HannWindow: the Hann window of a given size.
 * https://onnx.ai/onnx/operators/onnx__HannWindow.html
 */
export const hannWindow = defineWindowOp("HannWindow", [0.5, 0.5]);
