import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

export const reduceSumGradientRule = defineGradient({
  op: "ReduceSum",
  inputs(context) {
    const { dims, dy } = reductionOf(context);
    return [context.emit("Expand", [dy, context.ints(dims)])];
  },
});
