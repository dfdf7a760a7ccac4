import { defineGradient } from "./define.ts";

export const spaceToDepthGradientRule = defineGradient({
  op: "SpaceToDepth",
  inputs: (context) => [
    context.emit("DepthToSpace", [context.dy() as string], { blocksize: context.attributes.blocksize }),
  ],
});
