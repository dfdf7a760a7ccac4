import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceProd: the product over axes; 1 of an empty set.
 * https://onnx.ai/onnx/operators/onnx__ReduceProd.html
 */
export const reduceProd = defineReductionOp("ReduceProd", "prod", [1, 11, 13, 18]);
