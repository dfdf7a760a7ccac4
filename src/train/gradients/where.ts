import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

export const whereGradientRule = defineGradient({
  op: "Where",
  inputs(context) {
    const a = algebra(context);
    const [condition, dy] = [context.x(0), context.dy() as string];
    const by = (i: number, gradient: () => string) =>
      context.wants(i) ? sumTo(context, gradient(), context.dims(context.x(i))) : undefined;
    return [undefined, by(1, () => a.where(condition, dy, 0)), by(2, () => a.where(condition, 0, dy))];
  },
});
