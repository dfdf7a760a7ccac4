// BatchNormalization with the batch's own statistics, and its gradients: x[N, C, …] as rows of channels.
import { asFloat } from "../arguments.ts";
import { activationArgs, type LowerContext } from "../context.ts";
import { channelsScratchBytes, coefficientsScratchBytes, momentsScratchBytes } from "../contract.ts";
import { float32Operands } from "../elementwise/rows.ts";
import { canBeChannelsLast, ROW_MAJOR } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import type { Layouts } from "../site.ts";
import { pixelCount } from "../spatial-shape.ts";

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

export const batchNormalizationTraining: Lowering<Attributes, boolean> = {
  ...inRows({ inputs: ["channelsLast"], outputs: ["channelsLast"] }),
  inPlaceOf: { 1: 3, 2: 4 },
  emit(context) {
    const [x, y] = [context.at(context.input(0)), context.at(context.output())];
    const { rows, channels, chunks, partial } = channelRows(context);
    const { epsilon, momentum } = context.attributes;
    const room = channelsScratchBytes(channels);
    const [factor, offset] = [context.scratch(room), context.scratch(room)];
    context.call("f32_channel_moments", x, channels, rows, channels, chunks, partial);
    const input = (index: number) => context.at(context.input(index));
    const output = (index: number) => context.at(context.output(index));
    context.call(
      "f32_batch_norm_finish",
      partial,
      rows,
      channels,
      chunks,
      input(1),
      input(2),
      input(3),
      input(4),
      asFloat(momentum),
      asFloat(epsilon),
      output(1),
      output(2),
      output(3),
      output(4),
      factor,
      offset,
    );
    const mean = output(3);
    context.call(
      "f32_scale_shift",
      ...[x, channels, mean, factor, offset, y, channels, rows, channels],
      ...activationArgs(context.node.activation),
    );
  },
};

export const batchNormalizationGradient: Lowering<unknown, boolean> = {
  ...inRows({ inputs: ["channelsLast", "rowMajor", "channelsLast"], outputs: ["channelsLast"] }),
  inPlace: [2],
  emit(context) {
    const vector = (index: number) => context.at(context.input(index));
    const [x, scale, dy, mean, invStd] = [vector(0), vector(1), vector(2), vector(3), vector(4)];
    const { rows, channels, chunks, partial } = channelRows(context);
    const coefficients = context.scratch(coefficientsScratchBytes(channels));
    const both = [x, channels, dy, channels] as const;
    context.call("f32_batch_norm_gradient_sums", ...both, rows, channels, chunks, mean, partial);
    context.call(
      "f32_batch_norm_gradient_finish",
      ...[partial, rows, channels, chunks, scale, invStd],
      ...[context.at(context.output(1)), context.at(context.output(2)), coefficients],
    );
    const to = [context.at(context.output()), channels] as const;
    context.call("f32_batch_norm_gradient", ...both, ...to, rows, channels, mean, coefficients);
  },
};
