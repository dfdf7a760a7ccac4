import { defineGradient } from "./define.ts";

export const globalMaxPoolGradientRule = defineGradient({
  op: "GlobalMaxPool",
  inputs(context) {
    const [x, dy] = [context.x(), context.dy() as string];
    return [context.emit("lanewise:MaxPoolGradient", [x, dy], { kernelShape: context.dims(x).slice(2) })];
  },
});
