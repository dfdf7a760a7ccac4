import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * ExpandDims: Unsqueeze at one axis.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.ExpandDims
 */
export const expandDims = defineComposedOp({
  type: "ExpandDims",
  domain: "com.microsoft",
  inputs: ["x", "axis"],
  attributes: {},

  compose({ inputs, emit, constant }) {
    const [x, axis] = inputs as [string, string];
    const one = constant({ dtype: "int64", dims: [1], data: BigInt64Array.of(1n) });
    return [emit("Unsqueeze", [x, emit("Reshape", [emit("Cast", [axis], { to: 7 }), one])])];
  },
});
