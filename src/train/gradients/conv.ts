import { ShapeError } from "../../errors.ts";
import { resolveWindow, type WindowAttributes } from "../../ops/shared/spatial.ts";
import { defineGradient } from "./define.ts";

/**
 * By x: ConvInputGradient; by the weight: ConvWeightGradient; by the bias: dy summed over everything but channels.
 */
export const convGradientRule = defineGradient({
  op: "Conv",
  inputs(context) {
    const [x, w, bias] = [context.x(0), context.x(1), context.x(2)];
    const dy = context.dy() as string;
    const group = context.attributes.group as number;
    const failing = {
      fail: (message: string): never => {
        throw new ShapeError(context.node, message);
      },
    };
    const window = resolveWindow(
      failing,
      context.dims(x).slice(2),
      context.dims(w).slice(2),
      context.attributes as unknown as WindowAttributes,
    );
    const { strides, dilations, kernelShape, padsBegin, padsEnd } = window;
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
      bias !== "" && context.wants(2) ? context.emit("lanewise:ChannelSum", [dy]) : undefined,
    ];
  },
});
