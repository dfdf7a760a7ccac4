import { type NumberRange, numberIn, objectOf, oneOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import { normal, randomFrom } from "../ops/random/generator.ts";
import { Tensor } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { type GradientOptions, type GradientSession, type Gradients, gradient } from "../train/gradient.ts";
import { gradCamMap, gradCamPlusPlusMap } from "./class-activation.ts";
import { lastMapsBefore, scoresOf } from "./class-values.ts";
import { endsOf, floatsOf } from "./float-tensor.ts";
import type { Heatmap } from "./heatmap.ts";
import { type OcclusionOptions, occlude } from "./occlusion.ts";

/** What an inspector runs on, and what it asks about. */
export interface InspectorOptions
  extends Pick<GradientOptions, "simd" | "threads" | "threading" | "winograd" | "maxMemoryBytes"> {
  /** The value that has the classes' scores; by default the output or, before a softmax, what goes into it. */
  readonly scores?: string;
}

/** What is explained. */
export interface TargetOptions {
  /** The class to explain: its place among the scores of one picture. By default the greatest score's. */
  readonly target?: number;
}

/** What `saliency` takes. */
export interface SaliencyOptions extends TargetOptions {
  /** How the way back leads through rectifiers; the derivative by default. */
  readonly rules?: "derivative" | "guidedBackprop" | "deconvnet";
}

/** What `smoothGrad` takes. */
export interface SmoothGradOptions extends SaliencyOptions {
  /** Noisy copies whose gradients are averaged, 10,000 at most; 25 by default. */
  readonly samples?: number;
  /** Standard deviation of the noise, as a share of the picture's range; 0.15 by default. */
  readonly noise?: number;
  /** The noise follows from it; 0 by default. */
  readonly seed?: number;
}

/** What `integratedGradients` takes. */
export interface IntegratedGradientsOptions extends TargetOptions {
  /** Where the way to the picture begins; a picture of zeros by default. */
  readonly baseline?: Tensor;
  /** Points on the way, 10,000 at most; 50 by default. */
  readonly steps?: number;
}

/** What `gradCam` takes. */
export interface GradCamOptions extends TargetOptions {
  /** The feature maps, by the name of their value; by default the last ones before the scores. */
  readonly layer?: string;
  /** "gradCam" by default. */
  readonly method?: "gradCam" | "gradCamPlusPlus";
}

/** What speaks for a class, and which class and score that was. */
export interface Explanation {
  /** Place by place of the picture, or, of feature maps, of theirs. */
  readonly map: Heatmap;
  /** The class that was explained. */
  readonly target: number;
  /** Its score. */
  readonly score: number;
}

/** An explanation by numbers of the input's own dims. */
export interface Attribution extends Explanation {
  /** The numbers. */
  readonly values: Tensor;
}

/** How often a network may run for one answer. */
const PASSES: NumberRange = { from: 1, to: 10_000, whole: true };

interface Asked {
  readonly target: number;
  readonly score: number;
  readonly gradient: Tensor;
  readonly values: Readonly<Record<string, Tensor>>;
}

/**
 * Looks into a classifier of one float32 picture [1, C, H, W]. Everything that it is asked runs on plans made once.
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
  const inside = new Inspector(network, scores, rest);
  await inside.ready();
  return inside;
}

/** What `inspector` makes. */
export class Inspector {
  /** The value that has the classes' scores. */
  readonly scores: string;
  readonly #network: Network;
  readonly #options: Omit<InspectorOptions, "scores">;
  readonly #sessions = new Map<string, Promise<GradientSession>>();

  /** @internal */
  constructor(network: Network, scores: string, options: Omit<InspectorOptions, "scores">) {
    this.#network = network;
    this.scores = scores;
    this.#options = options;
  }

  /** @internal Throws what is wrong with the scores and options. */
  async ready(): Promise<void> {
    await this.#session([this.#input], "derivative");
  }

  /**
   * The gradient of a class's score by the picture, and at each place the greatest of its channels, without signs (Simonyan et
   * al. 2013, https://arxiv.org/abs/1312.6034).
   */
  async saliency(picture: Tensor, options: SaliencyOptions = {}): Promise<Attribution> {
    const { rules = "derivative", target } = objectOf("saliency: the options", options);
    const asked = await this.#ask(picture, this.#input, rules, target);
    return attributionOf(asked, asked.gradient);
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
    return attributionOf(asked, new Tensor("float32", sum, picture.dims));
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
    return attributionOf(asked, new Tensor("float32", sum, picture.dims));
  }

  /** Where in a layer's maps a class is seen: Grad-CAM, or Grad-CAM++. */
  async gradCam(picture: Tensor, options: GradCamOptions = {}): Promise<Explanation> {
    const { method = "gradCam", target } = objectOf("gradCam: the options", options);
    oneOf("gradCam: method", method, ["gradCam", "gradCamPlusPlus"]);
    const { layer = lastMapsBefore(this.#network.graph, this.scores, pictureDims(picture)) } = options;
    stringOf("gradCam: layer", layer);
    const { gradient, values, ...rest } = await this.#ask(picture, layer, "derivative", target);
    const map = method === "gradCam" ? gradCamMap : gradCamPlusPlusMap;
    return { ...rest, map: map(values[layer] as Tensor, gradient) };
  }

  /** By how much a class's score falls where a patch covers the picture (Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901). */
  async occlusion(picture: Tensor, options: TargetOptions & OcclusionOptions = {}): Promise<Explanation> {
    const { target, ...rest } = objectOf("occlusion: the options", options);
    pictureDims(picture);
    // The forward pass alone: it runs once a patch.
    const session = await this.#session([], "derivative");
    const scoresAt = async (at: Tensor) =>
      floatsOf((await session.run({ [this.#input]: at })).values[this.scores] as Tensor);
    const whole = await scoresAt(picture);
    const chosen = target ?? greatestOf(whole);
    numberIn("target", chosen, { from: 0, to: whole.length - 1, whole: true });
    const score = whole[chosen] as number;
    const scoreOf = async (covered: Tensor) => (await scoresAt(covered))[chosen] as number;
    return { map: await occlude(picture, score, scoreOf, rest), target: chosen, score };
  }

  /** Lets go of all memory; using it afterwards makes it anew. */
  async release(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }

  get #input(): string {
    return this.#network.graph.inputs[0] as string;
  }

  #session(by: readonly string[], rules: NonNullable<SaliencyOptions["rules"]>): Promise<GradientSession> {
    oneOf("rules", rules, ["derivative", "guidedBackprop", "deconvnet"]);
    const key = `${rules} ${by}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = gradient(this.#network, {
      ...this.#options,
      of: this.scores,
      withRespectTo: by,
      values: by,
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

/** The dims of one picture; throws a UsageError for anything else. */
function pictureDims(picture: Tensor): readonly number[] {
  const { dims, type } = objectOf("the picture", picture);
  if (type !== "float32" || dims?.length !== 4 || dims[0] !== 1)
    throw new UsageError(`expected one picture as a float32 tensor [1, C, H, W], got ${type} [${dims}]`);
  return dims;
}

/** The greatest of the channels at each place, without signs. */
function attributionOf({ target, score }: Asked, values: Tensor): Attribution {
  const [, channels, height, width] = values.dims as [number, number, number, number];
  const data = new Float32Array(height * width);
  const all = floatsOf(values);
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < data.length; i++)
      data[i] = Math.max(data[i] as number, Math.abs(all[channel * data.length + i] as number));
  return { target, score, values, map: { data, width, height } };
}
