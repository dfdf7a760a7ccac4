import { defineGradient } from "./define.ts";
import { zerosLike } from "./zeros.ts";

/** What was written over has no part in y; with "add" everything has. */
export const scatterElementsGradientRule = defineGradient({
  op: "ScatterElements",
  inputs(context) {
    const { reduction } = context.attributes;
    if (reduction !== "none" && reduction !== "add") return context.decline(`its reduction is ${reduction}`);
    const [dy, indices, updates] = [context.dy() as string, context.x(1), context.x(2)];
    const attributes = { axis: context.attributes.axis };
    const kept = () =>
      context.emit("ScatterElements", [dy, indices, zerosLike(context, updates)], attributes);
    return [
      context.wants(0) ? (reduction === "add" ? dy : kept()) : undefined,
      undefined,
      context.wants(2) ? context.emit("GatherElements", [dy, indices], attributes) : undefined,
    ];
  },
});
