import { tensorData } from "../../tensor.ts";
import { constant, type Initializer, ones, zeros } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions, type LayerScope } from "../layer.ts";
import { axisBehindBatch, knownSize } from "./axes.ts";
import { countOf } from "./window.ts";

/** What `batchNorm` takes. */
export interface BatchNormOptions extends LayerOptions {
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number;
  /** What the running statistics keep at each step of training; 0.9 by default. */
  readonly momentum?: number;
  /** ones() by default; zeros() behind the last convolution of a residual branch starts the block as the identity. */
  readonly gainInitializer?: Initializer;
}

/**
 * Batch normalisation of maps [N, C, …] or features [N, C] (Ioffe and Szegedy 2015), in its inference form. Parameters:
 * `gain` and `bias` [C]; `mean` and `variance` [C] are statistics, which no gradient changes.
 */
export const batchNorm = (options: BatchNormOptions = {}): Layer =>
  defineLayer("batchNorm", options, (scope, x) => {
    const { epsilon = 1e-5, momentum = 0.9, gainInitializer = ones() } = options;
    const channels = x.dims[1];
    if (typeof channels !== "number")
      return scope.fail(`needs [N, channels, …] with known channels, got [${x.dims}]`);
    scope.number("epsilon", epsilon, { from: 0 });
    scope.number("momentum", momentum, { from: 0, to: 1 });
    const shape = { dims: [channels], fanIn: 1, fanOut: 1 };
    const statistic = (value: number) =>
      tensorData("float32", [channels], constant(value)(shape, Math.random));
    const operands = [
      x.name,
      scope.parameter("gain", shape, gainInitializer),
      scope.parameter("bias", shape, zeros()),
      scope.fixed("mean", statistic(0)),
      scope.fixed("variance", statistic(1)),
    ];
    return scope.node("BatchNormalization", operands, { epsilon, momentum });
  });

/** What `layerNorm` takes. */
export interface LayerNormOptions extends LayerOptions {
  /** The first of the axes that are normalised together, 0 the batch; -1, the last, by default. */
  readonly axis?: number;
  /** 1e-5 by default. */
  readonly epsilon?: number;
}

/** Layer normalisation (Ba et al. 2016). Parameters: `gain` and `bias` of the dims from `axis` on. */
export const layerNorm = (options: LayerNormOptions = {}): Layer =>
  defineLayer("layerNorm", options, (scope, x) => {
    const { axis = -1, epsilon = 1e-5 } = options;
    scope.number("epsilon", epsilon, { from: 0 });
    const first = axisBehindBatch(scope, "axis", axis, x);
    const dims = x.dims.slice(first).map((_, i) => knownSize(scope, x, first + i));
    const shape = { dims, fanIn: 1, fanOut: 1 };
    const operands = [
      x.name,
      scope.parameter("gain", shape, ones()),
      scope.parameter("bias", shape, zeros()),
    ];
    return scope.node("LayerNormalization", operands, { axis: first, epsilon });
  });

/** `gain` and `bias` [C] of a normalisation by channels. */
function gainAndBias(scope: LayerScope, channels: number, gainInitializer: Initializer): [string, string] {
  const shape = { dims: [channels], fanIn: 1, fanOut: 1 };
  return [scope.parameter("gain", shape, gainInitializer), scope.parameter("bias", shape, zeros())];
}

/** What `groupNorm` takes. */
export interface GroupNormOptions extends LayerOptions {
  /** Groups that the channels fall into, side by side; each is normalised by itself. */
  readonly groups: number;
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number;
  /** ones() by default. */
  readonly gainInitializer?: Initializer;
}

/**
 * Group normalisation of maps [N, C, …] (Wu and He 2018, arXiv:1803.08494): over the maps of a group, sample by sample,
 * so no running statistics. Parameters: `gain` and `bias` [C].
 */
export const groupNorm = (options: GroupNormOptions): Layer =>
  defineLayer("groupNorm", options, (scope, x) => {
    const { epsilon = 1e-5, gainInitializer = ones() } = options;
    const channels = knownSize(scope, x, 1);
    const numGroups = countOf(scope, "groups", options.groups);
    if (channels % numGroups !== 0) scope.fail(`${channels} maps do not fall into ${numGroups} groups`);
    scope.number("epsilon", epsilon, { from: 0 });
    const operands = [x.name, ...gainAndBias(scope, channels, gainInitializer)];
    return scope.node("GroupNormalization", operands, { epsilon, numGroups });
  });

/** What `instanceNorm` takes. */
export interface InstanceNormOptions extends LayerOptions {
  /** Added to the variance; 1e-5 by default. */
  readonly epsilon?: number;
  /** ones() by default. */
  readonly gainInitializer?: Initializer;
}

/**
 * Instance normalisation of maps [N, C, …] (Ulyanov et al. 2016, arXiv:1607.08022): every map by itself. Parameters:
 * `gain` and `bias` [C].
 */
export const instanceNorm = (options: InstanceNormOptions = {}): Layer =>
  defineLayer("instanceNorm", options, (scope, x) => {
    const { epsilon = 1e-5, gainInitializer = ones() } = options;
    if (x.dims.length < 3) scope.fail(`needs maps [N, channels, …], got [${x.dims}]`);
    scope.number("epsilon", epsilon, { from: 0 });
    const operands = [x.name, ...gainAndBias(scope, knownSize(scope, x, 1), gainInitializer)];
    return scope.node("InstanceNormalization", operands, { epsilon });
  });

/** What `localResponseNorm` takes. */
export interface LocalResponseNormOptions extends LayerOptions {
  /** Channels around that have a part in the sum. */
  readonly size: number;
  /** The weight of the sum, which is divided by `size`; 1e-4 by default. */
  readonly alpha?: number;
  /** The exponent; 0.75 by default. */
  readonly beta?: number;
  /** Added to the sum; 1 by default. */
  readonly bias?: number;
}

/**
 * x / (bias + alpha / size · Σ x²)^beta, the sum over the `size` channels around, as in AlexNet (Krizhevsky et al. 2012,
 * section 3.3, where alpha is not divided by the size).
 */
export const localResponseNorm = (options: LocalResponseNormOptions): Layer =>
  defineLayer("localResponseNorm", options, (scope, x) => {
    const { alpha = 1e-4, beta = 0.75, bias = 1 } = options;
    const size = countOf(scope, "size", options.size);
    scope.number("alpha", alpha, { from: 0 });
    scope.number("beta", beta, { from: 0 });
    scope.number("bias", bias, { above: 0 });
    return scope.node("LRN", [x.name], { size, alpha, beta, bias });
  });
