import { defineGradient } from "./define.ts";

export const transposeGradientRule = defineGradient({
  op: "Transpose",
  inputs(context) {
    const rank = context.dims(context.x()).length;
    const perm =
      (context.attributes.perm as readonly number[] | undefined) ??
      Array.from({ length: rank }, (_, i) => rank - 1 - i);
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return [context.emit("Transpose", [context.dy() as string], { perm: inverse })];
  },
});
