import { normalizeAxis } from "../../graph/dims.ts";
import { defineGradient } from "./define.ts";

export const concatGradientRule = defineGradient({
  op: "Concat",
  inputs(context) {
    const names = context.node.inputs;
    const dy = context.dy() as string;
    const axis = normalizeAxis((context.attributes.axis as number | undefined) ?? 1, context.dims(dy).length);
    const sizes = names.map((name) => context.dims(name)[axis] as number);
    return context.emitAll("Split", [dy, context.ints(sizes)], { axis }, names.length);
  },
});
