import { defineOp } from "../define.ts";

/** Optional: a value, or nothing, that may be asked for. https://onnx.ai/onnx/operators/onnx__Optional.html */
export const optional = defineOp({
  type: "Optional",
  since: [15],
  inputs: ["input?"],
  // The attribute `type` is a TypeProto; without an input nothing reads what it says.
  attributes: {},

  infer(context) {
    const fact = context.inputs[0];
    if (fact === undefined) return [{ dtype: "float32", container: "optional" }];
    const { dtype, dims } = fact;
    const held = fact.container === "sequence" ? fact.container : undefined;
    return [{ dtype, ...(dims && { dims }), container: "optional", ...(held && { held }) }];
  },

  evaluate(context) {
    const value = context.values[0];
    return [{ container: "optional", dtype: value?.dtype ?? "float32", value }];
  },
});
