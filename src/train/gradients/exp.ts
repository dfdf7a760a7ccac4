import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const expGradientRule = defineGradient({ op: "Exp", inputs: elementwise(({ y }) => y) });
