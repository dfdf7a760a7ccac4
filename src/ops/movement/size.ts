import { dimProduct } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { fromNumbers } from "../shared/elements.ts";

/** Size: the number of elements, as an int64 scalar. https://onnx.ai/onnx/operators/onnx__Size.html */
export const size = defineOp({
  type: "Size",
  since: [1, 13, 19, 21, 23, 24, 25],
  inputs: ["data"],
  outputs: ["size"],
  attributes: {},

  infer(context) {
    const count = dimProduct(context.dims(0) ?? ["?"]);
    const fact = factOf("int64", []);
    return [typeof count === "number" ? { ...fact, data: fromNumbers("int64", [], [count]) } : fact];
  },

  evaluate(context) {
    return [fromNumbers("int64", [], [elementCount(context.tensor(0).dims)])];
  },
});
