import { SHARE } from "../../arguments.ts";
import { tensorData } from "../../tensor.ts";
import { constant, type Initializer, ones, zeros } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions } from "../network.ts";

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
    const rank = x.dims.length;
    const first = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(first) || first < 1 || first >= rank)
      scope.fail(`axis ${axis} is none of [${x.dims}] behind the batch`);
    const dims = x.dims
      .slice(first)
      .map((dim) =>
        typeof dim === "number"
          ? dim
          : scope.fail(`the sizes from axis ${axis} on must be known, got [${x.dims}]`),
      );
    const shape = { dims, fanIn: 1, fanOut: 1 };
    const operands = [
      x.name,
      scope.parameter("gain", shape, ones()),
      scope.parameter("bias", shape, zeros()),
    ];
    return scope.node("LayerNormalization", operands, { axis: first, epsilon });
  });

/** What `dropout` takes. */
export interface DropoutOptions extends LayerOptions {
  /** The share of elements that training sets to zero; 0.5 by default. */
  readonly rate?: number;
}

/** Dropout (Srivastava et al. 2014): the identity but in training, where what is left is scaled by 1 / (1 - rate). */
export const dropout = (options: DropoutOptions = {}): Layer =>
  defineLayer("dropout", options, (scope, x) => {
    const rate = scope.number("rate", options.rate ?? 0.5, SHARE);
    return scope.node("Dropout", [x.name, scope.scalar("rate", rate)]);
  });
