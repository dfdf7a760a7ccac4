import { defineGradient } from "./define.ts";
import { zerosLike } from "./zeros.ts";

export const topKGradientRule = defineGradient({
  op: "TopK",
  inputs(context) {
    const [dy, indices] = [context.dy(0), context.y(1)];
    if (dy === undefined || indices === "") return context.decline("it gives no indices");
    const inputs = [zerosLike(context, context.x(0)), indices, dy];
    return [context.emit("ScatterElements", inputs, { axis: context.attributes.axis })];
  },
});
