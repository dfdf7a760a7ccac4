import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";

export const depthToSpaceGradientRule = defineGradient({
  op: "DepthToSpace",
  inputs(context) {
    const dy = context.dy() as string;
    const { blocksize, mode } = context.attributes as { blocksize: number; mode: string };
    if (mode === "DCR") return [context.emit("SpaceToDepth", [dy], { blocksize })];
    const a = algebra(context);
    const [n, c, h, w] = context.dims(dy) as [number, number, number, number];
    const apart = a.reshape(dy, [n, c, h / blocksize, blocksize, w / blocksize, blocksize]);
    const moved = context.emit("Transpose", [apart], { perm: [0, 1, 3, 5, 2, 4] });
    return [a.reshape(moved, context.dims(context.x()))];
  },
});
