import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

export const meanGradientRule = defineGradient({
  op: "Mean",
  inputs(context) {
    const names = context.node.inputs;
    const share = algebra(context).mul(context.dy() as string, 1 / names.length);
    return names.map((name, i) => (context.wants(i) ? sumTo(context, share, context.dims(name)) : undefined));
  },
});
