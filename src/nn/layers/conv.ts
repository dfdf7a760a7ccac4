import { heNormal, type Initializer, type ParameterShape, zeros } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions, type LayerScope } from "../layer.ts";
import { type Connections, checkedConnections, connectedWeight } from "./connections.ts";
import { countOf, imageDims, type Pair, pairOf, type WindowOptions, windowAttributes } from "./window.ts";

/** The parameters of a convolution. */
export interface WeightOptions {
  /** Whether a bias is added to each map; true by default. */
  readonly bias?: boolean;
  /** heNormal() by default. */
  readonly weightInitializer?: Initializer;
  /** zeros() by default. */
  readonly biasInitializer?: Initializer;
}

/** What `conv2d` takes. */
export interface Conv2dOptions extends WindowOptions, WeightOptions, LayerOptions {
  /** Maps of the output. */
  readonly filters: number;
  /** Groups that maps of input and output fall into; "depthwise" is one for each map of the input. */
  readonly groups?: number | "depthwise";
  /**
   * For each filter, the maps of the input that it reads; all by default. Kernels that are not there are no
   * parameters: the weight is [kernels, height, width], by filter and then in the order listed.
   */
  readonly connections?: Connections;
}

/**
 * A convolution over images [N, C, H, W]. Parameters: `weight` [filters, C / groups, height, width] and `bias`
 * [filters].
 */
export const conv2d = (options: Conv2dOptions): Layer =>
  defineLayer("conv2d", options, (scope, x) => {
    const [, channels] = imageDims(scope, x);
    const { connections, weightInitializer = heNormal() } = options;
    const filters = countOf(scope, "filters", options.filters);
    const groups = groupsOf(scope, options.groups ?? 1, channels, filters);
    const window = windowAttributes(scope, x, options);
    if (connections !== undefined && groups !== 1) scope.fail("connections and groups exclude each other");
    const shape = kernelShape([filters, channels / groups, ...window.kernelShape], groups);
    const weight =
      connections === undefined
        ? scope.parameter("weight", shape, weightInitializer)
        : connectedWeight(scope, checkedConnections(scope, connections, shape), shape, weightInitializer);
    const bias = biasOf(scope, filters, shape.fanIn, options);
    return scope.node("Conv", [x.name, weight, ...bias], { ...window, group: groups });
  });

/** What `separableConv2d` takes: a convolution's options without groups. */
export interface SeparableConv2dOptions extends Omit<Conv2dOptions, "groups" | "connections"> {}

/** A depthwise convolution and a pointwise one behind it (MobileNet); parameters `depthwise.weight`, `weight`, `bias`. */
export const separableConv2d = (options: SeparableConv2dOptions): Layer =>
  defineLayer("separableConv2d", options, (scope, x) => {
    const [, channels] = imageDims(scope, x);
    const { weightInitializer = heNormal() } = options;
    const filters = countOf(scope, "filters", options.filters);
    const window = windowAttributes(scope, x, options);
    const spatial = kernelShape([channels, 1, ...window.kernelShape], channels);
    const depthwise = scope.node(
      "Conv",
      [x.name, scope.parameter("depthwise.weight", spatial, weightInitializer)],
      { ...window, group: channels },
      "depthwise",
    );
    const pointwise = kernelShape([filters, channels, 1, 1], 1);
    const weight = scope.parameter("weight", pointwise, weightInitializer);
    const bias = biasOf(scope, filters, pointwise.fanIn, options);
    return scope.node("Conv", [depthwise, weight, ...bias], { kernelShape: [1, 1] });
  });

/** What `convTranspose2d` takes. */
export interface ConvTranspose2dOptions extends WindowOptions, WeightOptions, LayerOptions {
  /** Maps of the output. */
  readonly filters: number;
  /** Groups that maps of input and output fall into; 1 by default. */
  readonly groups?: number;
  /** Rows and columns added below and to the right, less than the stride: chooses among the sizes a convolution maps to one. */
  readonly outputPadding?: Pair;
}

/**
 * A transposed convolution: the input gradient of a convolution with the same window. `padding` is what is cut from
 * its output. Parameters: `weight` [C, filters / groups, height, width] and `bias` [filters].
 */
export const convTranspose2d = (options: ConvTranspose2dOptions): Layer =>
  defineLayer("convTranspose2d", options, (scope, x) => {
    const [, channels] = imageDims(scope, x);
    const { weightInitializer = heNormal(), padding } = options;
    if (padding === "same") scope.fail('padding "same" has no meaning here; give numbers');
    const filters = countOf(scope, "filters", options.filters);
    const groups = groupsOf(scope, options.groups ?? 1, channels, filters);
    const window = windowAttributes(scope, x, options);
    const outputPadding = pairOf(scope, "outputPadding", options.outputPadding ?? 0, 0);
    const taps = window.kernelShape[0] * window.kernelShape[1];
    const shape = {
      dims: [channels, filters / groups, ...window.kernelShape],
      fanIn: (channels / groups) * taps,
      fanOut: (filters / groups) * taps,
    };
    const weight = scope.parameter("weight", shape, weightInitializer);
    const bias = biasOf(scope, filters, shape.fanIn, options);
    return scope.node("ConvTranspose", [x.name, weight, ...bias], {
      ...window,
      group: groups,
      outputPadding,
    });
  });

function kernelShape(dims: readonly [number, number, number, number], groups: number): ParameterShape {
  const [filters, channels, height, width] = dims;
  return { dims, fanIn: channels * height * width, fanOut: (filters / groups) * height * width };
}

function groupsOf(scope: LayerScope, given: number | "depthwise", channels: number, filters: number): number {
  const groups = given === "depthwise" ? channels : countOf(scope, "groups", given);
  if (channels % groups !== 0 || filters % groups !== 0)
    scope.fail(`${channels} maps and ${filters} filters do not fall into ${groups} groups`);
  return groups;
}

function biasOf(
  scope: LayerScope,
  filters: number,
  fanIn: number,
  { bias = true, biasInitializer = zeros() }: WeightOptions,
): string[] {
  if (!bias) return [];
  return [scope.parameter("bias", { dims: [filters], fanIn, fanOut: 1 }, biasInitializer)];
}
