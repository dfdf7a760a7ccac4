import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

export const reduceLogSumGradientRule = defineGradient({
  op: "ReduceLogSum",
  inputs(context) {
    const { a, dims, dy, y } = reductionOf(context);
    return [context.emit("Expand", [a.div(dy, a.of("Exp", y)), context.ints(dims)])];
  },
});
