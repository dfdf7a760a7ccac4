import { type PoolingAttributes, pooledFrom } from "../../ops/extra/max-unpool.ts";
import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";

/** Each element of dy that an index names; the indices count in what the attributes imply. */
export const maxUnpoolGradientRule = defineGradient({
  op: "MaxUnpool",
  inputs(context) {
    const a = algebra(context);
    const dy = context.dy() as string;
    const attributes = context.attributes as unknown as PoolingAttributes;
    const inner = pooledFrom(context.dims(context.x()), attributes) as number[];
    const ends = context.dims(dy).map((size, axis) => (inner[axis] as number) - size);
    const same = ends.every((size) => size === 0);
    const own = same ? dy : context.emit("Pad", [dy, context.ints([...ends.map(() => 0), ...ends])]);
    return [context.emit("Gather", [a.reshape(own, [-1]), context.x(1)])];
  },
});
