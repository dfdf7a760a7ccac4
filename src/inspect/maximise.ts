import {
  arrayOf,
  COUNT,
  dimsOf,
  functionOf,
  numberIn,
  objectOf,
  SHARE,
  signalOf,
  stringOf,
} from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { type Graph, isConcrete } from "../graph/graph.ts";
import type { Limits } from "../interruptible.ts";
import type { Network } from "../nn/network.ts";
import { normal, randomFrom } from "../ops/random/generator.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";
import { elementCount, Tensor } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { type GradientOptions, type GradientSession, gradient } from "../train/gradient.ts";
import { paceOf } from "../train/pace.ts";
import { type BlurOptions, blurred, MOST_BLUR, shifted } from "./blur.ts";
import { channelAxes, channelsAt, channelsFirst } from "./channels.ts";
import { scoresOf } from "./class-values.ts";
import { floatsOf } from "./float-tensor.ts";

/** What a picture is to excite: a channel or an element of a value. */
export interface Goal {
  /**
   * Its place among the value's channels: a class among scores [N, classes], a map among feature maps [N, C, H, W] or
   * [N, H, W, C], of which the mean counts.
   */
  readonly channel?: number;
  /** In place of `channel`: one element of the value for one picture, row after row. */
  readonly element?: number;
}

/** How `maximise` climbs, besides its goal. */
export interface AscentOptions
  extends Limits,
    BlurOptions,
    Pick<GradientOptions, "simd" | "threads" | "threading" | "winograd" | "maxMemoryBytes"> {
  /** The value that is excited; by default the scores: the output or, before a softmax, what goes into it. */
  readonly of?: string;
  /** The picture to begin with, as the network takes it, [1, C, H, W] or [1, H, W, C]; by default noise. */
  readonly from?: Tensor;
  /** Dims of one picture, without the batch, where the network leaves them open and `from` does not say them. */
  readonly inputDims?: readonly number[];
  /** Standard deviation of the noise to begin with; 0.1 by default. */
  readonly noise?: number;
  /** Noise and jitter follow from it; 0 by default. */
  readonly seed?: number;
  /** 100 by default. */
  readonly steps?: number;
  /** Root of the mean square by which a step changes the picture's numbers; 0.1 by default. */
  readonly stepSize?: number;
  /** The share of every number that is lost at each step, as by a penalty on the picture's L2 norm; 0.01 by default. */
  readonly decay?: number;
  /** The picture is shifted by up to as many pixels for each step, and back; 0 by default. */
  readonly jitter?: number;
  /** The least and the greatest number that a picture may have; unlimited by default. */
  readonly range?: readonly [least: number, greatest: number];
  /** Called after every step, and waited for. */
  onStep?(step: AscentStep): void | Promise<void>;
}

/** What `maximise` takes besides the network. */
export interface MaximiseOptions extends AscentOptions, Goal {}

/** Where the ascent stands. */
export interface AscentStep {
  /** Steps done, from 1. */
  readonly step: number;
  /** How many there will be. */
  readonly steps: number;
  /** What the goal had before this step, at the shifted picture. */
  readonly score: number;
  /** The picture after it; its own copy. */
  readonly picture: Tensor;
  /** Which of the goals it is for, as `maximiseEach` was given them. */
  readonly goal: Goal;
}

/** What an ascent came to. */
export interface Maximised {
  /** As the network takes it. */
  readonly picture: Tensor;
  /** What the goal has at it. */
  readonly score: number;
  /** What it had before each step. */
  readonly scores: readonly number[];
}

/**
 * A picture that excites a channel, an element or a class as much as can be: gradient ascent on the input (Erhan et al. 2009;
 * Simonyan et al. 2013, https://arxiv.org/abs/1312.6034), with the gradient at one length whatever the layer, jitter (Mordvintsev
 * et al. 2015), L2 decay and a blur every few steps (Yosinski et al. 2015, https://arxiv.org/abs/1506.06579).
 *
 * ```ts
 * const { picture } = await maximise(network, { of: "conv3", channel: 7, jitter: 4, blur: 0.5 });
 * ```
 *
 * Throws a UsageError for what the network does not have, and what ends its work: the signal's reason or a TimeoutError.
 */
export async function maximise(network: Network, options: MaximiseOptions): Promise<Maximised> {
  const { channel, element, ...rest } = objectOf("maximise: the options", options);
  const goal = { ...(channel !== undefined && { channel }), ...(element !== undefined && { element }) };
  return (await maximiseEach(network, [goal], rest))[0] as Maximised;
}

/** The same for several goals of one value, one after the other, on a network compiled once. */
export async function maximiseEach(
  network: Network,
  goals: readonly Goal[],
  options: AscentOptions = {},
): Promise<readonly Maximised[]> {
  const { graph } = networkOf("maximise", network);
  const climb = climbOf(graph, options);
  const seeds = arrayOf("maximise: the goals", goals).map((goal) => seedOf(goal, climb));
  const { of } = climb;
  const pace = paceOf("maximise", options);
  pace.check();
  const { simd, threads, threading, winograd, maxMemoryBytes } = options;
  const settings = { simd, threads, threading, winograd, maxMemoryBytes };
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const session = await gradient(network, { ...given, of, withRespectTo: climb.input });
  try {
    const found: Maximised[] = [];
    for (const [i, seed] of seeds.entries()) {
      const at = async (picture: Float32Array<ArrayBuffer>): Promise<Slope> => {
        if (pace.due()) await pace.turn();
        pace.check();
        return slopeAt(session, climb, shownOf(climb, picture), seed);
      };
      const goal = goals[i] as Goal;
      found.push(
        await ascend(climb, at, async (step, score, scene) => {
          const { onStep } = options;
          if (onStep === undefined) return;
          const picture = shownOf(climb, scene.slice());
          await onStep({ step, steps: climb.steps, score, picture, goal });
        }),
      );
    }
    return found;
  } finally {
    await session.release();
  }
}

/** The checked options, and what follows from the network. */
type Climb = ReturnType<typeof climbOf>;

function climbOf(graph: Graph, options: AscentOptions) {
  const { of = scoresOf(graph), from, inputDims, onStep } = objectOf("maximise: the options", options);
  const { noise = 0.1, seed = 0, steps = 100, stepSize = 0.1, decay = 0.01, jitter = 0 } = options;
  const { blur = 0, blurEvery = 4, range, signal } = options;
  if (inputDims !== undefined) dimsOf("maximise: inputDims", inputDims);
  if (from !== undefined) dimsOf("maximise: the dims of from", objectOf("maximise: from", from).dims);
  const [input, ...others] = graph.inputs as [string, ...string[]];
  if (others.length > 0)
    throw new UsageError(`maximise: ${graph.name} takes ${graph.inputs.join(", ")}: expected one picture`);
  stringOf("maximise: of", of);
  const number = (what: string, value: number, limits = {}) => numberIn(`maximise: ${what}`, value, limits);
  number("noise", noise, { from: 0 });
  number("seed", seed);
  number("steps", steps, COUNT);
  number("stepSize", stepSize, { above: 0 });
  number("decay", decay, SHARE);
  number("jitter", jitter, { from: 0, whole: true });
  number("blur", blur, { from: 0, to: MOST_BLUR });
  number("blurEvery", blurEvery, COUNT);
  if (range !== undefined) arrayOf("maximise: range", range);
  if (range !== undefined) number("range", range[1], { from: number("range", range[0]) });
  if (onStep !== undefined) functionOf("maximise: onStep", onStep);
  signalOf("maximise: signal", signal);
  const own = graph.facts.get(input)?.dims?.slice(1);
  const dims = [1, ...(from?.dims.slice(1) ?? inputDims ?? (own as number[]) ?? [])];
  if (dims.length !== 4 || !dims.every((dim) => Number.isSafeInteger(dim) && dim > 0))
    throw new UsageError(
      `maximise: pictures of [${dims.slice(1)}]: expected [C, H, W]; say inputDims, or from`,
    );
  if (from !== undefined && from.dims[0] !== 1)
    throw new UsageError(`maximise: from must be one picture [1, C, H, W], got [${from.dims}]`);
  const sized = propagateFacts(bindInputs(graph, new Map([[input, dims]])));
  const fact = sized.facts.get(of);
  if (!isConcrete(fact))
    throw new UsageError(`maximise: ${graph.name} has no value ${JSON.stringify(of)} whose dims are known`);
  const axisOf = channelAxes(sized, sized.facts);
  const axis = axisOf(input);
  const [height, width] = dims.filter((_, i) => i > 0 && i !== axis) as [number, number];
  const size = { channels: dims[axis] as number, height, width };
  const value = { dims: fact.dims as readonly number[], axis: fact.dims.length === 4 ? axisOf(of) : 1 };
  const taken = { noise, seed, steps, stepSize, decay, jitter, blur, blurEvery, range };
  return { ...taken, input, of, axis, size, value, from, signal };
}

/** Planes as a picture that the network takes. */
const shownOf = (
  { size: { channels, height, width }, axis }: Climb,
  planes: Float32Array<ArrayBuffer>,
): Tensor => channelsAt(new Tensor("float32", planes, [1, channels, height, width]), axis);

/** The weights of the value's elements in the score: one, or the mean over a channel. */
function seedOf(goal: Goal, { of, value: { dims, axis } }: Climb): Tensor {
  const { channel, element } = objectOf("maximise: the goal", goal);
  const weights = new Float32Array(elementCount(dims));
  if ((channel === undefined) === (element === undefined))
    throw new UsageError("maximise: expected either a channel or an element");
  if (element !== undefined) {
    numberIn("maximise: element", element, { from: 0, to: weights.length - 1, whole: true });
    weights[element] = 1;
    return new Tensor("float32", weights, dims);
  } else {
    if (dims.length < 2 || dims[0] !== 1)
      throw new UsageError(
        `maximise: ${JSON.stringify(of)} is [${dims}]: it has no channels, name an element`,
      );
    const channels = dims[axis] as number;
    const size = weights.length / channels;
    numberIn("maximise: channel", channel, { from: 0, to: channels - 1, whole: true });
    weights.fill(1 / size, (channel as number) * size, ((channel as number) + 1) * size);
    const places = dims.filter((_, i) => i > 0 && i !== axis);
    return channelsAt(new Tensor("float32", weights, [1, channels, ...places]), axis);
  }
}

interface Slope {
  readonly score: number;
  readonly gradient: Float32Array;
}

async function slopeAt(
  session: GradientSession,
  { input, of, axis, signal }: Climb,
  at: Tensor,
  seed: Tensor,
): Promise<Slope> {
  const { values, gradients } = await session.run({ [input]: at }, { outputGradient: seed, signal });
  const weights = floatsOf(seed);
  const score = floatsOf(values[of] as Tensor).reduce(
    (sum, value, i) => sum + value * (weights[i] as number),
    0,
  );
  return { score, gradient: floatsOf(channelsFirst(gradients[input] as Tensor, axis)) };
}

async function ascend(
  climb: Climb,
  slopeAt: (picture: Float32Array<ArrayBuffer>) => Promise<Slope>,
  onStep: (step: number, score: number, picture: Float32Array<ArrayBuffer>) => Promise<void>,
): Promise<Maximised> {
  const { size, steps, stepSize, decay, jitter, blur, blurEvery, range } = climb;
  const random = randomFrom(climb.seed);
  let picture = begin(climb, normal(random));
  const scores: number[] = [];
  const drawn = (): number => Math.floor(random() * (2 * jitter + 1)) - jitter;
  for (let step = 1; step <= steps; step++) {
    const [down, right] = jitter === 0 ? [0, 0] : [drawn(), drawn()];
    const { score, gradient } = await slopeAt(shifted(picture, size, down, right));
    scores.push(score);
    const slope = shifted(gradient, size, -down, -right);
    const length = Math.sqrt(slope.reduce((sum, value) => sum + value * value, 0) / slope.length);
    // Where no rectifier lets anything through, there is no way up.
    const scale = length > 0 ? stepSize / length : 0;
    picture = picture.map((value, i) => value * (1 - decay) + scale * (slope[i] as number));
    if (blur > 0 && step % blurEvery === 0) picture = blurred(picture, size, blur);
    if (range !== undefined) picture = picture.map((value) => Math.min(Math.max(value, range[0]), range[1]));
    await onStep(step, score, picture);
  }
  const { score } = await slopeAt(picture);
  return { picture: shownOf(climb, picture), score, scores };
}

function begin({ from, axis, size, noise }: Climb, draw: () => number): Float32Array<ArrayBuffer> {
  if (from !== undefined) return Float32Array.from(floatsOf(channelsFirst(from, axis)));
  const { channels, height, width } = size;
  return Float32Array.from({ length: channels * height * width }, () => noise * draw());
}
