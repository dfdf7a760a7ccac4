import { defineGradient } from "./define.ts";

export const globalLpPoolGradientRule = defineGradient({
  op: "GlobalLpPool",
  inputs: (context) => [
    context.emit("lanewise:LpPoolGradient", [context.x(), context.y(), context.dy() as string], {
      kernelShape: context.dims(context.x()).slice(2),
      p: context.attributes.p,
    }),
  ],
});
