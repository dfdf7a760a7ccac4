// The loss, the mask of dropout and the norm by which gradients are clipped.
import { isFloat32 } from "../../ops/define.ts";
import { thresholdOf } from "../../ops/training/dropout-mask.ts";
import { elementCount } from "../../tensor.ts";
import { asFloat } from "../arguments.ts";
import type { Operand } from "../context.ts";
import { reduceCode, squareSumsScratchBytes } from "../contract.ts";
import { float32Operands } from "../elementwise/rows.ts";
import type { Lowering } from "../lowering.ts";

export const softmaxCrossEntropy: Lowering<{ readonly smoothing: number }, boolean> = {
  name: "f32_softmax_cross_entropy",
  resolve: (site) => isFloat32([site.input(0).fact]),
  emit(context) {
    const [scores, labels] = [context.input(0), context.input(1)];
    const [batch, classes] = scores.dims as [number, number];
    const losses = context.scratch(batch * 4);
    const [loss, gradient] = context.outputs as [Operand, Operand?];
    context.call(
      "f32_softmax_cross_entropy",
      context.at(scores),
      context.at(labels),
      losses,
      gradient === undefined ? context.scratch(batch * classes * 4) : context.at(gradient),
      batch,
      classes,
      asFloat(context.attributes.smoothing),
    );
    context.call("f32_reduce", reduceCode.mean, losses, context.at(loss), 1, batch, 1);
  },
};

export const dropoutMask: Lowering<{ readonly ratio: number; readonly stream: number }, true> = {
  name: "f32_dropout_mask",
  resolve: () => true,
  emit(context) {
    const { ratio, stream } = context.attributes;
    const y = context.output();
    context.call(
      "f32_dropout_mask",
      context.at(context.input(0)),
      stream,
      context.at(y),
      elementCount(y.dims),
      thresholdOf(ratio) | 0,
      asFloat(1 / (1 - ratio)),
    );
  },
};

/** Of a sum. */
const FLOAT64_BYTES = 8;

export const gradientNorm: Lowering<unknown, boolean> = {
  name: "f32_square_sums",
  resolve: float32Operands,
  emit(context) {
    const counts = context.inputs.map((operand) => elementCount(operand?.dims ?? [0]));
    const room = counts.map(squareSumsScratchBytes);
    const all = room.reduce((a, b) => a + b, 0);
    const sums = context.scratch(all);
    let offsetBytes = 0;
    counts.forEach((count, i) => {
      context.call("f32_square_sums", context.at(context.input(i)), { ...sums, offsetBytes }, count);
      offsetBytes += room[i] as number;
    });
    context.call("f32_root_of_sums", sums, all / FLOAT64_BYTES, context.at(context.output()));
  },
};
