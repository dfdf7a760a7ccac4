import { type TransposedAttributes, transposedWindow } from "../../ops/shared/transposed-window.ts";
import { defineGradient } from "./define.ts";

/** The convolution that it undoes: by x that convolution of dy, by the weight with the roles of x and dy swapped. */
export const convTransposeGradientRule = defineGradient({
  op: "ConvTranspose",
  inputs(context) {
    const [x, w, bias] = [context.x(0), context.x(1), context.x(2)];
    const whole = context.dy() as string;
    const fail = (message: string): never => context.decline(message);
    const { strides, dilations, kernelShape, padsBegin, inputs, outputs } = transposedWindow(
      { fail },
      context.dims(x).slice(2),
      context.dims(w).slice(2),
      context.attributes as unknown as TransposedAttributes,
    );
    // What the windows over dy need behind its end; where that is less than nothing, no element of x reached the rest.
    const behind = inputs.map((size, axis) => {
      const extent = ((kernelShape[axis] as number) - 1) * (dilations[axis] as number) + 1;
      const needed = ((outputs[axis] as number) - 1) * (strides[axis] as number) + extent;
      return needed - (padsBegin[axis] as number) - size;
    });
    const pads = [...padsBegin, ...behind.map((size) => Math.max(size, 0))];
    const shared = { group: context.attributes.group, kernelShape, strides, dilations, pads };
    const cut = behind.map((size) => Math.min(size, 0));
    const none = new Array<number>(cut.length + 4).fill(0);
    const dy = cut.every((size) => size === 0)
      ? whole
      : context.emit("Pad", [whole, context.ints([...none, ...cut])]);
    return [
      context.wants(0) ? context.emit("Conv", [dy, w], shared) : undefined,
      context.wants(1) ? context.emit("lanewise:ConvWeightGradient", [dy, x], shared) : undefined,
      bias !== "" && context.wants(2) ? context.emit("lanewise:ChannelSum", [whole]) : undefined,
    ];
  },
});
