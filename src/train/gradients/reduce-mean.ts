import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

export const reduceMeanGradientRule = defineGradient({
  op: "ReduceMean",
  inputs(context) {
    const { a, dims, count, dy } = reductionOf(context);
    return [context.emit("Expand", [a.mul(dy, 1 / count), context.ints(dims)])];
  },
});
