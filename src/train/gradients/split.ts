import { normalizeAxis } from "../../graph/dims.ts";
import { defineGradient } from "./define.ts";
import { zerosLike } from "./zeros.ts";

export const splitGradientRule = defineGradient({
  op: "Split",
  inputs(context) {
    const axis = normalizeAxis(context.attributes.axis as number, context.dims(context.x()).length);
    const pieces = context.node.outputs.map((name, i) => {
      if (name === "") return context.decline("an output in the middle is left out");
      return context.dy(i) ?? zerosLike(context, name);
    });
    return [context.emit("Concat", pieces, { axis })];
  },
});
