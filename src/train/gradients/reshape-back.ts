import type { GradientContext } from "./define.ts";

/** The gradient of an operator that gives its first input other dims. */
export const reshapeBack = (context: GradientContext): readonly string[] => [
  context.emit("Reshape", [context.dy() as string, context.ints(context.dims(context.x()))]),
];
