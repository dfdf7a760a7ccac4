// BatchNormalization with the batch's own statistics, and its gradients: x[N, C, …] as rows of channels.
import { BATCH_NORM_GRADIENT } from "../../ops/training/batch-normalization-gradient.ts";
import { BATCH_NORM_TRAINING } from "../../ops/training/batch-normalization-training.ts";
import { asFloat } from "../arguments.ts";
import { activationArgs, type LowerContext } from "../context.ts";
import { channelsScratchBytes, coefficientsScratchBytes, momentsScratchBytes } from "../contract.ts";
import { float32Operands } from "../elementwise/rows.ts";
import { canBeChannelsLast, ROW_MAJOR } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import type { Layouts } from "../site.ts";
import { pixelCount } from "../spatial-shape.ts";
import { inputsOf, outputsOf } from "./places.ts";

/** Chunks of rows with statistics of their own, which threads can share. */
const MOST_CHUNKS = 16;
const LEAST_ROWS = 256;

/** The rows of input 0, how many chunks they are made into (the shape alone decides), and room for what each finds. */
function channelRows(context: LowerContext<unknown>) {
  const x = context.input(0);
  const channels = x.dims[1] as number;
  const rows = pixelCount(x);
  const chunks = Math.max(1, Math.min(MOST_CHUNKS, Math.floor(rows / LEAST_ROWS)));
  return { rows, channels, chunks, partial: context.scratch(chunks * momentsScratchBytes(channels)) };
}

/** Matrices as they are, images channels-last in `layouts`: then rows of channels lie one behind the other. */
const inRows = (layouts: Layouts): Pick<Lowering<unknown, boolean>, "name" | "resolve" | "layouts"> => ({
  name: "channel_rows",
  resolve: (site) =>
    float32Operands(site) && (site.input(0).dims.length === 2 || canBeChannelsLast(site.input(0).fact)),
  layouts: (site) => [site.input(0).dims.length === 2 ? ROW_MAJOR : layouts],
});

interface Attributes {
  readonly epsilon: number;
  readonly momentum: number;
}

const { in: IN, out: OUT } = BATCH_NORM_TRAINING;

export const batchNormalizationTraining: Lowering<Attributes, boolean> = {
  ...inRows({ inputs: ["channelsLast"], outputs: ["channelsLast"] }),
  inPlaceOf: { [OUT.running_mean]: IN.mean, [OUT.running_var]: IN.var },
  emit(context) {
    const [x, y] = [context.at(context.input(0)), context.at(context.output())];
    const { rows, channels, chunks, partial } = channelRows(context);
    const { epsilon, momentum } = context.attributes;
    const room = channelsScratchBytes(channels);
    const [factor, offset] = [context.scratch(room), context.scratch(room)];
    context.call("f32_channel_moments", x, channels, rows, channels, chunks, partial);
    const input = inputsOf(context, IN);
    const output = outputsOf(context, OUT);
    context.call(
      "f32_batch_norm_finish",
      partial,
      rows,
      channels,
      chunks,
      input("scale"),
      input("bias"),
      input("mean"),
      input("var"),
      asFloat(momentum),
      asFloat(epsilon),
      output("running_mean"),
      output("running_var"),
      output("saved_mean"),
      output("saved_invstd"),
      factor,
      offset,
    );
    const mean = output("saved_mean");
    context.call(
      "f32_scale_shift",
      ...[x, channels, mean, factor, offset, y, channels, rows, channels],
      ...activationArgs(context.node.activation),
    );
  },
};

export const batchNormalizationGradient: Lowering<unknown, boolean> = {
  ...inRows({ inputs: ["channelsLast", "rowMajor", "channelsLast"], outputs: ["channelsLast"] }),
  inPlace: [BATCH_NORM_GRADIENT.in.dy],
  emit(context) {
    const input = inputsOf(context, BATCH_NORM_GRADIENT.in);
    const output = outputsOf(context, BATCH_NORM_GRADIENT.out);
    const [x, scale, dy] = [input("x"), input("scale"), input("dy")];
    const [mean, invStd] = [input("saved_mean"), input("saved_invstd")];
    const { rows, channels, chunks, partial } = channelRows(context);
    const coefficients = context.scratch(coefficientsScratchBytes(channels));
    const both = [x, channels, dy, channels] as const;
    context.call("f32_batch_norm_gradient_sums", ...both, rows, channels, chunks, mean, partial);
    context.call(
      "f32_batch_norm_gradient_finish",
      ...[partial, rows, channels, chunks, scale, invStd],
      ...[output("dscale"), output("dbias"), coefficients],
    );
    const to = [output("dx"), channels] as const;
    context.call("f32_batch_norm_gradient", ...both, ...to, rows, channels, mean, coefficients);
  },
};
