import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * MatMulIntegerToFloat: the product of two quantised matrices as numbers, with a bias.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulIntegerToFloat
 */
export const matMulIntegerToFloat = defineComposedOp({
  type: "MatMulIntegerToFloat",
  domain: "com.microsoft",
  inputs: ["a", "b", "aScale", "bScale", "aZeroPoint?", "bZeroPoint?", "bias?"],
  attributes: {},

  compose({ inputs, emit }) {
    const [a, b, aScale, bScale, aZero, bZero, bias] = inputs as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const sums = emit("Cast", [emit("MatMulInteger", [a, b, aZero, bZero])], { to: 1 });
    const product = emit("Mul", [sums, emit("Mul", [aScale, bScale])]);
    return [bias === "" ? product : emit("Add", [product, bias])];
  },
});
