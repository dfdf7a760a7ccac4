import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

/** y = gamma·(x, or alpha·(eˣ − 1) up to 0): there the slope is gamma·alpha·eˣ, as which y + gamma·alpha would cancel. */
export const seluGradientRule = defineGradient({
  op: "Selu",
  inputs: elementwise(({ a, x, context }) => {
    const { alpha, gamma } = context.attributes as Record<string, number>;
    return a.where(
      a.less(0, x),
      gamma as number,
      a.mul(a.of("Exp", x), (gamma as number) * (alpha as number)),
    );
  }),
});
