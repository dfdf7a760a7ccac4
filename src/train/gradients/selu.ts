import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

/** y = gamma·(x, or alpha·(eˣ − 1) up to 0): there the slope is y + gamma·alpha. */
export const seluGradientRule = defineGradient({
  op: "Selu",
  inputs: elementwise(({ a, x, y, context }) => {
    const { alpha, gamma } = context.attributes as Record<string, number>;
    return a.where(a.less(0, x), gamma as number, a.add(y, (gamma as number) * (alpha as number)));
  }),
});
