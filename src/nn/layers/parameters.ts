import { dimsOf } from "../../arguments.ts";
import { type Initializer, ones, zeros } from "../initializers.ts";
import { applyLayer, defineLayer, type Layer, type LayerOptions, type Value } from "../layer.ts";
import { axisBehindBatch, integers, knownSize } from "./axes.ts";

/** What `learned` takes. */
export interface LearnedOptions extends LayerOptions {
  /** Dims of the value without the batch, along which it is repeated. */
  readonly dims: readonly number[];
  /** What it begins with. */
  readonly initializer: Initializer;
}

/**
 * A value that depends on nothing but training, [1, …dims], in the network of another value; parameter `value`. Position
 * embeddings are `add([x, learned({ dims: [tokens, features], initializer })(x)])`.
 */
export const learned =
  (options: LearnedOptions) =>
  (x: Value): Value =>
    applyLayer("learned", options, [x], (scope) => {
      const dims = [1, ...dimsOf(`${scope.name}: dims`, options.dims)];
      return scope.parameter("value", { dims, fanIn: 1, fanOut: 1 }, options.initializer);
    });

/** What `prependToken` takes. */
export interface PrependTokenOptions extends LayerOptions {
  /** zeros() by default. */
  readonly initializer?: Initializer;
}

/**
 * [N, T, D] with a learned token in front, [N, T + 1, D], as the class token of a vision transformer (Dosovitskiy et al.
 * 2020, arXiv:2010.11929). Parameter: `token` [1, 1, D].
 */
export const prependToken = (options: PrependTokenOptions = {}): Layer =>
  defineLayer("prependToken", options, (scope, x) => {
    if (x.dims.length !== 3) scope.fail(`needs tokens [N, tokens, features], got [${x.dims}]`);
    const [tokens, features] = [knownSize(scope, x, 1), knownSize(scope, x, 2)];
    const shape = { dims: [1, 1, features], fanIn: 1, fanOut: 1 };
    const token = scope.parameter("token", shape, options.initializer ?? zeros());
    // A sum of two that leave each other room: a Concat would have to repeat the token along a batch not yet known.
    const room = scope.node("Pad", [x.name, integers(scope, "before", [0, 1, 0, 0, 0, 0])], {}, "room");
    const first = scope.node("Pad", [token, integers(scope, "behind", [0, 0, 0, 0, tokens, 0])], {}, "first");
    return scope.node("Add", [room, first]);
  });

/** What `scale` takes. */
export interface ScaleOptions extends LayerOptions {
  /** The axis that has a gain for each of its places; 1, the channels, by default, negative ones count from the back. */
  readonly axis?: number;
  /** ones() by default. */
  readonly initializer?: Initializer;
}

/**
 * x times a learned gain for each channel: the layer scale of CaiT and ConvNeXt (arXiv:2103.17239). Parameter: `gain`
 * [C, 1, …], which lines up with the axis.
 */
export const scale = (options: ScaleOptions = {}): Layer =>
  defineLayer("scale", options, (scope, x) => {
    const axis = axisBehindBatch(scope, "axis", options.axis ?? 1, x);
    const dims = [knownSize(scope, x, axis), ...x.dims.slice(axis + 1).map(() => 1)];
    const gain = scope.parameter("gain", { dims, fanIn: 1, fanOut: 1 }, options.initializer ?? ones());
    return scope.node("Mul", [x.name, gain]);
  });
