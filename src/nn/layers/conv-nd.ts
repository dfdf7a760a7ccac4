import { heNormal } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";
import { biasOf, groupsOf, kernelShape, type WeightOptions } from "./weights.ts";
import { countOf, mapsOf, type SlidingOptions, windowAttributes } from "./window.ts";

/** How a window moves along a signal. */
export interface Window1dOptions {
  /** The window's length. */
  readonly kernelSize: number;
  /** 1 for convolutions, the kernel's length for pools by default. */
  readonly stride?: number;
  /** Zeros at both ends, or [in front, behind]; "same" keeps ⌈length / stride⌉, "valid", the default, pads nothing. */
  readonly padding?: number | readonly [number, number] | "same" | "valid";
  /** How far apart the kernel's taps lie; 1 by default. */
  readonly dilation?: number;
}

/** One number for depth, height and width, or one for each. */
export type Triple = number | readonly [depth: number, height: number, width: number];

/** How a window moves through a volume. */
export interface Window3dOptions {
  /** The window's size. */
  readonly kernelSize: Triple;
  /** 1 by default. */
  readonly stride?: Triple;
  /** Zeros around the volume; of six numbers the first three are in front. "same" keeps ⌈size / stride⌉; 0 by default. */
  readonly padding?: Triple | readonly [number, number, number, number, number, number] | "same" | "valid";
  /** How far apart the kernel's taps lie; 1 by default. */
  readonly dilation?: Triple;
}

/** What convolutions of any number of axes take. */
export interface ConvOptions extends WeightOptions, LayerOptions {
  /** Maps of the output. */
  readonly filters: number;
  /** Groups that maps of input and output fall into; "depthwise" is one for each map of the input. */
  readonly groups?: number | "depthwise";
}

/** What `conv1d` takes. */
export interface Conv1dOptions extends Window1dOptions, ConvOptions {}

/** What `conv3d` takes. */
export interface Conv3dOptions extends Window3dOptions, ConvOptions {}

const convolution = <Options extends SlidingOptions & ConvOptions>(kind: string, axes: number) => {
  return (options: Options): Layer =>
    defineLayer(kind, options, (scope, x) => {
      const [, channels] = mapsOf(scope, x, axes);
      const filters = countOf(scope, "filters", options.filters);
      const groups = groupsOf(scope, options.groups ?? 1, channels, filters);
      const window = windowAttributes(scope, x, options, axes);
      const shape = kernelShape([filters, channels / groups, ...window.kernelShape], groups);
      const weight = scope.parameter("weight", shape, options.weightInitializer ?? heNormal());
      const bias = biasOf(scope, filters, shape.fanIn, options);
      return scope.node("Conv", [x.name, weight, ...bias], { ...window, group: groups });
    });
};

/**
 * A convolution over signals [N, C, L]. Parameters: `weight` [filters, C / groups, length] and `bias` [filters].
 *
 * @function
 */
export const conv1d = convolution<Conv1dOptions>("conv1d", 1);
/**
 * A convolution over volumes [N, C, D, H, W]. Parameters: `weight` [filters, C / groups, depth, height, width] and `bias`
 * [filters].
 *
 * @function
 */
export const conv3d = convolution<Conv3dOptions>("conv3d", 3);
