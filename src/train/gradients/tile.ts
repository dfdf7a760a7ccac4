import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";

/** The sum over the repetitions, which lie before each axis. */
export const tileGradientRule = defineGradient({
  op: "Tile",
  inputs(context) {
    const a = algebra(context);
    const dims = context.dims(context.x());
    const outputs = context.dims(context.y());
    const pairs = dims.flatMap((size, axis) => [(outputs[axis] as number) / size, size]);
    const axes = dims.flatMap((size, axis) => (outputs[axis] === size ? [] : [2 * axis]));
    return [a.reshape(a.sum(a.reshape(context.dy() as string, pairs), axes), dims)];
  },
});
