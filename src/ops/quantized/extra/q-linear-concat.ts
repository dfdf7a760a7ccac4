import { int, required } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * QLinearConcat: quantised tensors joined along an axis and quantised alike; three inputs for each.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearConcat
 */
export const qLinearConcat = defineComposedOp({
  type: "QLinearConcat",
  domain: "com.microsoft",
  inputs: ["yScale", "yZeroPoint", "parts*"],
  attributes: { axis: required(int()) },

  compose({ attributes, inputs, emit, fail }) {
    const [yScale, yZeroPoint, ...parts] = inputs as [string, string, ...string[]];
    if (parts.length % 3 !== 0)
      fail(`each part needs a tensor, a scale and a zero point, got ${parts.length} inputs`);
    const real: string[] = [];
    for (let i = 0; i < parts.length; i += 3) real.push(emit("DequantizeLinear", parts.slice(i, i + 3)));
    return [emit("QuantizeLinear", [emit("Concat", real, attributes), yScale, yZeroPoint])];
  },
});
