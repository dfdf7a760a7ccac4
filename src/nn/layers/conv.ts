import { objectOf } from "../../arguments.ts";
import { elementCount } from "../../tensor.ts";
import { heNormal } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions, type LayerScope } from "../layer.ts";
import { type Connections, checkedConnections, connectedWeight } from "./connections.ts";
import { biasOf, groupsOf, kernelShape, standardized, type WeightOptions } from "./weights.ts";
import { countOf, imageDims, type Pair, pairOf, type WindowOptions, windowAttributes } from "./window.ts";

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
  /**
   * Whether every filter is brought to mean 0 and variance 1 before it is applied (Qiao et al. 2019, arXiv:1903.10520; BiT);
   * false by default. `epsilon`, added to the variance, is 1e-10 by default.
   */
  readonly weightStandardization?: boolean | { readonly epsilon: number };
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
    const epsilon = standardizing(scope, options.weightStandardization ?? false);
    if (connections !== undefined && epsilon !== undefined)
      scope.fail("connections and weightStandardization exclude each other");
    const weight =
      connections === undefined
        ? scope.parameter("weight", shape, weightInitializer)
        : connectedWeight(scope, checkedConnections(scope, connections, shape), shape, weightInitializer);
    const kernel = epsilon === undefined ? weight : standardized(scope, weight, epsilon);
    const bias = biasOf(scope, filters, shape.fanIn, options);
    return scope.node("Conv", [x.name, kernel, ...bias], { ...window, group: groups });
  });

/** The epsilon of weight standardisation; undefined without. */
function standardizing(
  scope: LayerScope,
  given: NonNullable<Conv2dOptions["weightStandardization"]>,
): number | undefined {
  if (given === false) return undefined;
  if (given === true) return 1e-10;
  const { epsilon } = objectOf(`${scope.name}: weightStandardization`, given, "true, false or { epsilon }");
  return scope.number("weightStandardization's epsilon", epsilon, { from: 0 });
}

/** What `separableConv2d` takes: a convolution's options without groups. */
export interface SeparableConv2dOptions
  extends Omit<Conv2dOptions, "groups" | "connections" | "weightStandardization"> {}

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
    const taps = elementCount(window.kernelShape);
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
