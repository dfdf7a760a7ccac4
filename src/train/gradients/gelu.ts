import { activation } from "./activation.ts";
import { defineGradient, type GradientContext } from "./define.ts";

const exact = activation("gelu", "x");
const byTanh = activation("geluTanh", "x");

export const geluGradientRule = defineGradient({
  op: "Gelu",
  inputs: (context: GradientContext) =>
    context.attributes.approximate === "tanh" ? byTanh(context) : exact(context),
});
