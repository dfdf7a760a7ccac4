import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

/** x·t with t = tanh(softplus(x)): the slope is t + x·sigmoid(x)·(1 − t²). */
export const mishGradientRule = defineGradient({
  op: "Mish",
  inputs: elementwise(({ a, x }) => {
    const t = a.of("Tanh", a.of("Softplus", x));
    return a.add(t, a.mul(a.mul(x, a.of("Sigmoid", x)), a.sub(1, a.square(t))));
  }),
});
