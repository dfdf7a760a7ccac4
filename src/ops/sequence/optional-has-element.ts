import { defineOp, factOf, isTensor } from "../define.ts";

/** OptionalHasElement: whether there is a value. https://onnx.ai/onnx/operators/onnx__OptionalHasElement.html */
export const optionalHasElement = defineOp({
  type: "OptionalHasElement",
  since: [15, 18],
  inputs: ["input?"],
  attributes: {},

  infer() {
    return [factOf("bool", [])];
  },

  evaluate(context) {
    const value = context.values[0];
    const held =
      value !== undefined && (isTensor(value) || value.container !== "optional" || value.value !== undefined);
    return [{ dtype: "bool", dims: [], data: Uint8Array.of(held ? 1 : 0) }];
  },
});
