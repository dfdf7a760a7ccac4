import { float, int } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * FusedMatMul: alpha·A·B, where the last two axes of A and B may be swapped first.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.FusedMatMul
 */
export const fusedMatMul = defineComposedOp({
  type: "FusedMatMul",
  domain: "com.microsoft",
  inputs: ["a", "b"],
  attributes: { alpha: float(1), transA: int(0), transB: int(0), transBatchA: int(0), transBatchB: int(0) },

  compose({ attributes, inputs, emit, constant, fail }) {
    const { alpha, transA, transB, transBatchA, transBatchB } = attributes;
    if (transBatchA !== 0 || transBatchB !== 0) fail("transBatchA and transBatchB are not supported");
    const turned = (name: string, swap: number): string =>
      swap === 0 ? name : emit("Einsum", [name], { equation: "...ij->...ji" });
    const [a, b] = inputs as [string, string];
    const product = emit("MatMul", [turned(a, transA), turned(b, transB)]);
    if (alpha === 1) return [product];
    return [emit("Mul", [product, constant({ dtype: "float32", dims: [], data: Float32Array.of(alpha) })])];
  },
});
