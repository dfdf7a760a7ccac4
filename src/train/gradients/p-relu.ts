import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

export const pReluGradientRule = defineGradient({
  op: "PRelu",
  inputs(context) {
    const a = algebra(context);
    const [x, slope, dy] = [context.x(0), context.x(1), context.dy() as string];
    const [rank, dims] = [context.dims(x).length, context.dims(slope)];
    // Before opset 7 a vector of slopes goes with the channels.
    const byChannel = context.node.opset < 7 && dims.length === 1 && rank >= 3;
    const aligned = byChannel ? [...dims, ...new Array<number>(rank - 2).fill(1)] : dims;
    const above = a.less(0, x);
    return [
      context.wants(0) ? a.where(above, dy, a.mul(dy, a.reshape(slope, aligned))) : undefined,
      context.wants(1)
        ? a.reshape(sumTo(context, a.where(above, 0, a.mul(dy, x)), aligned), dims)
        : undefined,
    ];
  },
});
