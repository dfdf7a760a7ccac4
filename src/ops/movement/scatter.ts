import { defineScatterElementsOp } from "./scatter-elements-op.ts";

/** Scatter: the older name of ScatterElements. https://onnx.ai/onnx/operators/onnx__Scatter.html */
export const scatter = defineScatterElementsOp("Scatter", [9, 11]);
