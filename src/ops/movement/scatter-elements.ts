import { defineScatterElementsOp } from "./scatter-elements-op.ts";

/** ScatterElements: the data with single elements replaced or combined. https://onnx.ai/onnx/operators/onnx__ScatterElements.html */
export const scatterElements = defineScatterElementsOp("ScatterElements", [11, 13, 16, 18]);
