import { arrayOf, COUNT, dimsOf, numberIn, objectOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { type Fact, type Graph, isConcrete } from "../graph/graph.ts";
import type { Limits } from "../interruptible.ts";
import type { Network } from "../nn/network.ts";
import { normal, randomFrom } from "../ops/random/generator.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";
import { elementCount, Tensor } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { type GradientOptions, gradient } from "../train/gradient.ts";
import { paceOf } from "../train/pace.ts";
import { channelAxes, channelsAt, channelsFirst } from "./channels.ts";
import { floatsOf } from "./float-tensor.ts";
import type { Heatmap } from "./heatmap.ts";
import { boxWithin, type FieldPlace, fieldAt, type PixelBox } from "./pixel-box.ts";
import { receptiveFields } from "./receptive-field.ts";

/** What `effectiveField` takes besides the network. */
export interface EffectiveFieldOptions
  extends Limits,
    Pick<GradientOptions, "simd" | "threads" | "threading" | "winograd" | "maxMemoryBytes"> {
  /** The feature maps [N, C, H, W], or [N, H, W, C], by the name of their value. */
  readonly of: string;
  /** The pictures to average over, [1, C, H, W] each, or [1, H, W, C] where the network takes these; by default numbers of the standard normal distribution. */
  readonly pictures?: readonly Tensor[];
  /** Dims of one picture, without the batch, where the network leaves them open and there are no `pictures`. */
  readonly inputDims?: readonly number[];
  /** How many random pictures; 20 by default. */
  readonly samples?: number;
  /** The random pictures follow from it; 0 by default. */
  readonly seed?: number;
}

/** What part of its receptive field a place of feature maps makes use of. */
export interface EffectiveField {
  /** Pixel by pixel of the input: the mean over pictures and channels of the gradient without its sign. */
  readonly map: Heatmap;
  /** The place of the feature maps that it is about: the one in the middle. */
  readonly place: FieldPlace;
  /** What the place can depend on, cut to the picture; undefined where that is not regular, or everything. */
  readonly theoretical: PixelBox | undefined;
  /** The smallest box around all pixels of a gradient; undefined where there is none. */
  readonly reached: PixelBox | undefined;
  /** Side of the square that has as many pixels as have more than 4.55 % of the greatest gradient, as Luo et al. count it. */
  readonly side: number;
}

/** The share that a Gaussian has left at two standard deviations. */
const LEFT_OUT = 1 - 0.9545;

/**
 * The effective receptive field (Luo et al. 2016, https://arxiv.org/abs/1701.04128): how much the middle of feature maps, all
 * channels taken together, depends on each pixel of the input, on average over random pictures or those given.
 */
export async function effectiveField(
  network: Network,
  options: EffectiveFieldOptions,
): Promise<EffectiveField> {
  const { graph } = networkOf("effectiveField", network);
  const {
    of,
    pictures,
    inputDims,
    samples = 20,
    seed = 0,
    signal,
    timeoutMs,
    ...rest
  } = objectOf("effectiveField: the options", options);
  stringOf("effectiveField: of", of);
  numberIn("effectiveField: samples", samples, COUNT);
  numberIn("effectiveField: seed", seed);
  if (pictures !== undefined && arrayOf("effectiveField: pictures", pictures).length === 0)
    throw new UsageError("effectiveField: there are no pictures");
  const [input, ...others] = graph.inputs as [string, ...string[]];
  if (others.length > 0)
    throw new UsageError(
      `effectiveField: ${graph.name} takes ${graph.inputs.join(", ")}: expected one picture`,
    );
  const dims = pictureDims(graph, pictures, inputDims);
  const sized = propagateFacts(bindInputs(graph, new Map([[input, dims]])));
  const axisOf = channelAxes(sized, sized.facts);
  const { place, seed: outputGradient } = middleOf(of, sized.facts.get(of), axisOf(of));
  const axis = axisOf(input);
  const [height, width] = dims.filter((_, i) => i > 0 && i !== axis) as [number, number];
  const channels = dims[axis] as number;
  const pace = paceOf("effectiveField", { signal, timeoutMs });
  const draw = normal(randomFrom(seed));
  const drawn = (): Tensor =>
    new Tensor("float32", Float32Array.from({ length: elementCount(dims) }, draw), dims);
  const data = new Float32Array(height * width);
  const count = pictures?.length ?? samples;
  const session = await gradient(network, { ...rest, of, withRespectTo: input });
  try {
    for (let sample = 0; sample < count; sample++) {
      if (pace.due()) await pace.turn();
      pace.check();
      const { gradients } = await session.run(
        { [input]: pictures?.[sample] ?? drawn() },
        { outputGradient, signal },
      );
      floatsOf(channelsFirst(gradients[input] as Tensor, axis)).forEach((slope, i) => {
        const pixel = i % data.length;
        data[pixel] = (data[pixel] as number) + Math.abs(slope) / (count * channels);
      });
    }
  } finally {
    await session.release();
  }
  const map = { data, width, height };
  return {
    map,
    place,
    theoretical: theoreticalOf(sized, of, place, map),
    reached: reachedOf(map),
    side: sideOf(map),
  };
}

function pictureDims(
  graph: Graph,
  pictures: readonly Tensor[] | undefined,
  inputDims: readonly number[] | undefined,
): readonly number[] {
  if (inputDims !== undefined) dimsOf("effectiveField: inputDims", inputDims);
  for (const picture of pictures ?? [])
    dimsOf("effectiveField: a picture's dims", objectOf("effectiveField: a picture", picture).dims);
  const own = graph.facts.get(graph.inputs[0] as string)?.dims?.slice(1) as readonly number[] | undefined;
  const dims = pictures?.[0]?.dims ?? [1, ...(inputDims ?? own ?? [])];
  if (dims.length !== 4 || dims[0] !== 1 || !dims.every((dim) => Number.isSafeInteger(dim) && dim > 0))
    throw new UsageError(
      `effectiveField: pictures of [${dims}]: expected [1, C, H, W]; say inputDims, or give pictures`,
    );
  const other = pictures?.find((picture) => picture.dims.join() !== dims.join());
  if (other !== undefined)
    throw new UsageError(`effectiveField: pictures of [${dims}] and of [${other.dims}]: expected one size`);
  return dims;
}

/** The place in the middle of feature maps, and ones there, in every channel. */
function middleOf(of: string, fact: Fact | undefined, axis: number) {
  if (!isConcrete(fact) || fact.dims.length !== 4)
    throw new UsageError(
      `effectiveField: ${JSON.stringify(of)} must be feature maps [N, C, H, W], got ${fact?.dims ? `[${fact.dims}]` : "nothing of that name"}`,
    );
  const dims = fact.dims as readonly number[];
  const [height, width] = dims.filter((_, i) => i > 0 && i !== axis) as [number, number];
  const place = { x: Math.floor(width / 2), y: Math.floor(height / 2) };
  const seed = new Float32Array(elementCount(dims));
  for (let at = place.y * width + place.x; at < seed.length; at += height * width) seed[at] = 1;
  const planes = new Tensor("float32", seed, [dims[0] as number, dims[axis] as number, height, width]);
  return { place, seed: channelsAt(planes, axis) };
}

function theoreticalOf(sized: Graph, of: string, place: FieldPlace, picture: Heatmap): PixelBox | undefined {
  const field = receptiveFields(sized, sized.facts).get(of);
  return field === undefined ? undefined : boxWithin(fieldAt(field, place), picture);
}

function reachedOf({ data, width }: Heatmap): PixelBox | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  data.forEach((value, i) => {
    if (value === 0) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  });
  if (right < left) return undefined;
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function sideOf({ data }: Heatmap): number {
  const greatest = data.reduce((most, value) => Math.max(most, value), 0);
  return Math.sqrt(data.filter((value) => value > LEFT_OUT * greatest).length);
}
