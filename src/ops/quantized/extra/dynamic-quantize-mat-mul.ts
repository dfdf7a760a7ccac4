import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * DynamicQuantizeMatMul: A quantised to its own range, times a quantised B, as numbers, with a bias.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.DynamicQuantizeMatMul
 */
export const dynamicQuantizeMatMul = defineComposedOp({
  type: "DynamicQuantizeMatMul",
  domain: "com.microsoft",
  inputs: ["a", "b", "bScale", "bZeroPoint?", "bias?"],
  attributes: {},

  compose({ inputs, emit, emitMany }) {
    const [a, b, bScale, bZero, bias] = inputs as [string, string, string, string, string];
    const [quantized, aScale, aZero] = emitMany("DynamicQuantizeLinear", [a], 3) as [string, string, string];
    const sums = emit("Cast", [emit("MatMulInteger", [quantized, b, aZero, bZero])], { to: 1 });
    const product = emit("Mul", [sums, emit("Mul", [aScale, bScale])]);
    return [bias === "" ? product : emit("Add", [product, bias])];
  },
});
