import { defineGradient } from "./define.ts";
import { zerosLike } from "./zeros.ts";

export const gatherElementsGradientRule = defineGradient({
  op: "GatherElements",
  inputs: (context) => [
    context.emit(
      "ScatterElements",
      [zerosLike(context, context.x(0)), context.x(1), context.dy() as string],
      {
        axis: context.attributes.axis,
        reduction: "add",
      },
    ),
  ],
});
