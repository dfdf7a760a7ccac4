import { ShapeError } from "../../errors.ts";
import { type TransposedAttributes, transposedWindow } from "../../ops/conv/transposed-window.ts";
import { resolveWindow, type WindowAttributes } from "../../ops/shared/window.ts";
import type { GradientContext, GradientRules } from "./define.ts";

export const convGradients: GradientRules = {
  /** By x: ConvInputGradient; by the weight: ConvWeightGradient; by the bias: dy summed over everything but channels. */
  Conv(context) {
    const [x, w] = [context.x(0), context.x(1)];
    const dy = context.dy() as string;
    const fail = (message: string): never => {
      throw new ShapeError(context.node, message);
    };
    const window = resolveWindow(
      { fail },
      context.dims(x).slice(2),
      context.dims(w).slice(2),
      context.attributes as unknown as WindowAttributes,
    );
    const { strides, dilations, kernelShape, padsBegin, padsEnd } = window;
    const { group } = context.attributes;
    const shared = { group, kernelShape, strides, dilations, pads: [...padsBegin, ...padsEnd] };
    // Rows and columns at the end that no window of the stride reached have no part in y.
    const outputPadding = window.inputs.map(
      (size, axis) =>
        size -
        (((window.outputs[axis] as number) - 1) * (strides[axis] as number) +
          ((kernelShape[axis] as number) - 1) * (dilations[axis] as number) +
          1 -
          (padsBegin[axis] as number) -
          (padsEnd[axis] as number)),
    );
    return [
      context.wants(0)
        ? context.emit("lanewise:ConvInputGradient", [dy, w], { ...shared, outputPadding })
        : undefined,
      context.wants(1) ? context.emit("lanewise:ConvWeightGradient", [x, dy], shared) : undefined,
      byBias(context, dy),
    ];
  },

  /** The convolution that it undoes: by x that convolution of dy, by the weight with the roles of x and dy swapped. */
  ConvTranspose(context) {
    const [x, w] = [context.x(0), context.x(1)];
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
      byBias(context, whole),
    ];
  },
};

const byBias = (context: GradientContext, dy: string): string | undefined =>
  context.x(2) !== "" && context.wants(2) ? context.emit("lanewise:ChannelSum", [dy]) : undefined;
