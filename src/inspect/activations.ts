import { arrayOf, COUNT, numberIn, objectOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import type { Tensor } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { type GradientOptions, gradient } from "../train/gradient.ts";
import type { RgbaImage } from "../vision/pixels.ts";
import { endsOf, floatDataOf } from "./float-tensor.ts";
import { type PaintOptions, paint, planeOf } from "./heatmap.ts";
import { type TileOptions, tile } from "./sheet.ts";

/** What a network's values are computed on. */
export type ActivationsOptions = Pick<
  GradientOptions,
  "simd" | "threads" | "threading" | "winograd" | "maxMemoryBytes"
>;

/** How feature maps become a sheet. */
export interface ActivationSheetOptions extends TileOptions, Pick<PaintOptions, "colors"> {
  /** Maps shown, from the first; 256 by default. */
  readonly most?: number;
  /** Whether all maps share the ends of the colours; by default each goes from its own least number to its greatest. */
  readonly shared?: boolean;
}

/**
 * What values of a network are for its input: feature maps, features, scores, by their names.
 *
 * @param x - The input.
 * @param values - Names of values.
 */
export async function activationsOf(
  network: Network,
  x: Tensor,
  values: string | readonly string[],
  options: ActivationsOptions = {},
): Promise<Readonly<Record<string, Tensor>>> {
  const { graph } = networkOf("activationsOf", network);
  const [input, ...others] = graph.inputs;
  if (input === undefined || others.length > 0)
    throw new UsageError(`activationsOf: ${graph.name} takes ${graph.inputs.join(", ")}: expected one input`);
  const names = typeof values === "string" ? [values] : arrayOf("activationsOf: values", values);
  const [first] = names;
  if (first === undefined) throw new UsageError("activationsOf: no value is named");
  for (const name of names) stringOf("activationsOf: a value", name);
  const asked = objectOf("activationsOf: the options", options);
  // The forward pass alone: the gradient by nothing.
  using session = await gradient(network, { ...asked, of: first, withRespectTo: [], values: names });
  return (await session.run({ [input]: x })).values;
}

/**
 * The maps of one picture as a sheet, a channel to a picture, in "viridis" unless `colors` says otherwise.
 *
 * @param maps - [1, C, H, W] or [C, H, W].
 */
export function activationSheet(maps: Tensor, options: ActivationSheetOptions = {}): RgbaImage {
  const data = floatDataOf("activationSheet: the maps", maps);
  const { dims } = maps;
  const asked = objectOf("activationSheet: the options", options);
  const { most = 256, shared = false, colors = "viridis", ...rest } = asked;
  numberIn("activationSheet: most", most, COUNT);
  const [channels = 0, height = 0, width = 0] = dims.slice(-3);
  if (data.length === 0 || data.length !== channels * height * width)
    throw new UsageError(`activationSheet: expected the maps of one picture [1, C, H, W], got [${dims}]`);
  const planes = Array.from({ length: Math.min(channels, most) }, (_, channel) => planeOf(maps, channel));
  const [from, to] = endsOf(...planes.map((plane) => plane.data));
  return tile(
    planes.map((plane) => paint(plane, { colors, ...(shared && { from, to }) })),
    rest,
  );
}
