import { type NumberRange, numberIn, objectOf, oneOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import { normal, randomFrom } from "../ops/random/generator.ts";
import { Tensor } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { type GradientSession, type Gradients, gradient, questionOf } from "../train/gradient.ts";
import { channelsFirst } from "./channels.ts";
import { camMap, gradCamMap, gradCamPlusPlusMap } from "./class-activation.ts";
import { lastMapsBefore, type SizedGraph, scoresOf, sizedGraph } from "./class-values.ts";
import { pooledMaps } from "./class-weights.ts";
import type {
  Attribution,
  Explanation,
  GradCamOptions,
  InspectorOptions,
  IntegratedGradientsOptions,
  SaliencyOptions,
  SmoothGradOptions,
  TargetOptions,
} from "./explanation.ts";
import { endsOf, floatsOf } from "./float-tensor.ts";
import { type OcclusionOptions, occlude } from "./occlusion.ts";

/** How often a network may run for one answer. */
const PASSES: NumberRange = { from: 1, to: 10_000, whole: true };

interface Asked {
  readonly target: number;
  readonly score: number;
  readonly gradient: Tensor;
  readonly values: Readonly<Record<string, Tensor>>;
}

/**
 * Looks into a classifier of one float32 picture [1, C, H, W], or [1, H, W, C] where it takes these. Nothing is compiled before it
 * is asked for, and what is asked again runs on the plan that was made.
 *
 * ```ts
 * const inside = await inspector(networkFromModel(bytes));
 * const { map, target } = await inside.gradCam(tensor);
 * const picture = overlay(photo, map);
 * ```
 */
export async function inspector(network: Network, options: InspectorOptions = {}): Promise<Inspector> {
  const { graph } = networkOf("inspector", network);
  const { scores = scoresOf(graph), ...rest } = objectOf("inspector: the options", options);
  if (graph.inputs.length !== 1)
    throw new UsageError(`inspector: ${graph.name} takes ${graph.inputs.join(", ")}: expected one picture`);
  questionOf(graph, { ...rest, of: scores, withRespectTo: graph.inputs });
  return new Inspector(network, scores, rest);
}

/** What `inspector` makes. */
export class Inspector {
  /** The value that has the classes' scores. */
  readonly scores: string;
  readonly #network: Network;
  readonly #options: Omit<InspectorOptions, "scores">;
  readonly #sessions = new Map<string, Promise<GradientSession>>();
  readonly #sized = new Map<string, SizedGraph>();

  /** @internal */
  constructor(network: Network, scores: string, options: Omit<InspectorOptions, "scores">) {
    this.#network = network;
    this.scores = scores;
    this.#options = options;
  }

  /**
   * The gradient of a class's score by the picture, and at each place the greatest of its channels, without signs (Simonyan et
   * al. 2013, https://arxiv.org/abs/1312.6034).
   */
  async saliency(picture: Tensor, options: SaliencyOptions = {}): Promise<Attribution> {
    const { rules = "derivative", target } = objectOf("saliency: the options", options);
    const asked = await this.#ask(picture, this.#input, rules, target);
    return this.#attribution(asked, asked.gradient);
  }

  /** The mean of the gradients at noisy copies of the picture (Smilkov et al. 2017, https://arxiv.org/abs/1706.03825). */
  async smoothGrad(picture: Tensor, options: SmoothGradOptions = {}): Promise<Attribution> {
    const {
      rules = "derivative",
      samples = 25,
      noise = 0.15,
      seed = 0,
      target,
    } = objectOf("smoothGrad: the options", options);
    numberIn("smoothGrad: samples", samples, PASSES);
    numberIn("smoothGrad: noise", noise, { from: 0 });
    const asked = await this.#ask(picture, this.#input, rules, target);
    const pixels = floatsOf(picture);
    const [least, greatest] = endsOf(pixels);
    const deviation = noise * (greatest - least);
    const draw = normal(randomFrom(numberIn("smoothGrad: seed", seed)));
    const sum = new Float32Array(pixels.length);
    for (let sample = 0; sample < samples; sample++) {
      const noisy = pixels.map((value) => value + deviation * draw());
      const { gradient } = await this.#ask(
        new Tensor("float32", noisy, picture.dims),
        this.#input,
        rules,
        asked.target,
      );
      floatsOf(gradient).forEach((value, i) => {
        sum[i] = (sum[i] as number) + value / samples;
      });
    }
    return this.#attribution(asked, new Tensor("float32", sum, picture.dims));
  }

  /**
   * The gradients along the straight way from a baseline, by how far each pixel goes: they add up to what the score gains on it
   * (Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365; points in the middles of even steps).
   */
  async integratedGradients(picture: Tensor, options: IntegratedGradientsOptions = {}): Promise<Attribution> {
    const { baseline, steps = 50, target } = objectOf("integratedGradients: the options", options);
    numberIn("integratedGradients: steps", steps, PASSES);
    const asked = await this.#ask(picture, this.#input, "derivative", target);
    const end = floatsOf(picture);
    const start = baseline === undefined ? new Float32Array(end.length) : floatsOf(baseline);
    if (start.length !== end.length)
      throw new UsageError(
        `integratedGradients: the baseline is [${baseline?.dims}], the picture [${picture.dims}]`,
      );
    const sum = new Float32Array(end.length);
    for (let step = 0; step < steps; step++) {
      const share = (step + 0.5) / steps;
      const between = end.map((value, i) => (start[i] as number) * (1 - share) + value * share);
      const at = new Tensor("float32", between, picture.dims);
      const { gradient } = await this.#ask(at, this.#input, "derivative", asked.target);
      floatsOf(gradient).forEach((value, i) => {
        sum[i] = (sum[i] as number) + (value * ((end[i] as number) - (start[i] as number))) / steps;
      });
    }
    return this.#attribution(asked, new Tensor("float32", sum, picture.dims));
  }

  /** Where in a layer's maps a class is seen: Grad-CAM, or Grad-CAM++. */
  async gradCam(picture: Tensor, options: GradCamOptions = {}): Promise<Explanation> {
    const { method = "gradCam", target } = objectOf("gradCam: the options", options);
    oneOf("gradCam: method", method, ["gradCam", "gradCamPlusPlus"]);
    const sized = this.#sizedFor(picture);
    const { layer = lastMapsBefore(sized, this.scores) } = options;
    stringOf("gradCam: layer", layer);
    const { gradient, values, ...rest } = await this.#ask(picture, layer, "derivative", target);
    const map = method === "gradCam" ? gradCamMap : gradCamPlusPlusMap;
    const axis = sized.axisOf(layer);
    return { ...rest, map: map(channelsFirst(values[layer] as Tensor, axis), channelsFirst(gradient, axis)) };
  }

  /**
   * The class activation map (Zhou et al. 2016, https://arxiv.org/abs/1512.04150): the last maps by the class's weights, with what
   * speaks against it below 0. For networks that end in a global average pool and one dense layer or 1×1 convolution; a
   * UsageError says what others are missing. Grad-CAM is its positive part, divided by the number of places.
   */
  async cam(picture: Tensor, options: TargetOptions = {}): Promise<Explanation> {
    const { target } = objectOf("cam: the options", options);
    const sized = this.#sizedFor(picture);
    const { maps, weightsOf } = pooledMaps(sized, this.scores);
    const session = await this.#session([], "derivative", [maps]);
    const { values } = await session.run({ [this.#input]: picture });
    const chosen = chosenOf(floatsOf(values[this.scores] as Tensor), target);
    const map = camMap(channelsFirst(values[maps] as Tensor, sized.axisOf(maps)), weightsOf(chosen.target));
    return { ...chosen, map };
  }

  /** By how much a class's score falls where a patch covers the picture (Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901). */
  async occlusion(picture: Tensor, options: TargetOptions & OcclusionOptions = {}): Promise<Explanation> {
    const { target, ...rest } = objectOf("occlusion: the options", options);
    const sized = this.#sizedFor(picture);
    // The forward pass alone: it runs once a patch.
    const session = await this.#session([], "derivative");
    const scoresAt = async (at: Tensor) =>
      floatsOf((await session.run({ [this.#input]: at })).values[this.scores] as Tensor);
    const chosen = chosenOf(await scoresAt(picture), target);
    const scoreOf = async (covered: Tensor) => (await scoresAt(covered))[chosen.target] as number;
    const axis = sized.axisOf(this.#input);
    return { map: await occlude(picture, axis, chosen.score, scoreOf, rest), ...chosen };
  }

  /** Lets go of all memory; using it afterwards makes it anew. */
  async release(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#sized.clear();
    for (const session of sessions) await (await session).release();
  }

  /** Numbers of the picture's dims, and at each place the greatest of its channels, without signs. */
  #attribution({ target, score }: Asked, values: Tensor): Attribution {
    const planes = channelsFirst(values, this.#sizedFor(values).axisOf(this.#input));
    const [, channels, height, width] = planes.dims as [number, number, number, number];
    const data = new Float32Array(height * width);
    const all = floatsOf(planes);
    for (let channel = 0; channel < channels; channel++)
      for (let i = 0; i < data.length; i++)
        data[i] = Math.max(data[i] as number, Math.abs(all[channel * data.length + i] as number));
    return { target, score, values, map: { data, width, height } };
  }

  get #input(): string {
    return this.#network.graph.inputs[0] as string;
  }

  /** What is known of the network's values for pictures of this size. */
  #sizedFor(picture: Tensor): SizedGraph {
    const dims = pictureDims(picture);
    const known = this.#sized.get(String(dims));
    if (known !== undefined) return known;
    const sized = sizedGraph(this.#network.graph, dims);
    this.#sized.clear();
    this.#sized.set(String(dims), sized);
    return sized;
  }

  /** What answers by gradients of the scores by these values, and gives them, too, unless others are named. */
  #session(
    by: readonly string[],
    rules: NonNullable<SaliencyOptions["rules"]>,
    values = by,
  ): Promise<GradientSession> {
    oneOf("rules", rules, ["derivative", "guidedBackprop", "deconvnet"]);
    const key = JSON.stringify([rules, by, values]);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = gradient(this.#network, {
      ...this.#options,
      of: this.scores,
      withRespectTo: by,
      values,
      ...(rules !== "derivative" && { rules }),
    });
    this.#sessions.set(key, session);
    return session;
  }

  /** The gradient of a class's score by a value, at a picture; the class with the greatest score where none is given. */
  async #ask(
    picture: Tensor,
    by: string,
    rules: NonNullable<SaliencyOptions["rules"]>,
    target: number | undefined,
  ): Promise<Asked> {
    pictureDims(picture);
    const session = await this.#session([by], rules);
    const feeds = { [this.#input]: picture };
    const scoresIn = ({ values }: Gradients) => floatsOf(values[this.scores] as Tensor);
    const chosen = target ?? greatestOf(scoresIn(await session.run(feeds)));
    const found = await session.run(feeds, { element: chosen });
    const score = scoresIn(found)[chosen] as number;
    return { target: chosen, score, gradient: found.gradients[by] as Tensor, values: found.values };
  }
}

/** The place of the greatest number; the first of several. */
const greatestOf = (scores: Float32Array): number =>
  scores.reduce((best, score, i) => (score > (scores[best] as number) ? i : best), 0);

/** The class asked for, or the one with the greatest score, and its score. */
function chosenOf(scores: Float32Array, target = greatestOf(scores)): Omit<Explanation, "map"> {
  numberIn("target", target, { from: 0, to: scores.length - 1, whole: true });
  return { target, score: scores[target] as number };
}

/** The dims of one picture; throws a UsageError for anything else. */
function pictureDims(picture: Tensor): readonly number[] {
  const { dims, type } = objectOf("the picture", picture);
  if (type !== "float32" || dims?.length !== 4 || dims[0] !== 1)
    throw new UsageError(
      `expected one picture as a float32 tensor [1, C, H, W] or [1, H, W, C], got ${type} [${dims}]`,
    );
  return dims;
}
