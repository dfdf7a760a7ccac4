import { oneOf, shown } from "../../arguments.ts";
import { constant } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";
import { knownSize } from "./axes.ts";

const activation =
  (kind: string, op: string) =>
  (options: LayerOptions = {}): Layer =>
    defineLayer(kind, options, (scope, x) => scope.node(op, [x.name]));

/** max(0, x) @function */
export const relu = activation("relu", "Relu");
/** 1 / (1 + e^-x) @function */
export const sigmoid = activation("sigmoid", "Sigmoid");
/** (e^x - e^-x) / (e^x + e^-x) @function */
export const tanh = activation("tanh", "Tanh");
/** x · clip(x + 3, 0, 6) / 6 (MobileNetV3) @function */
export const hardSwish = activation("hardSwish", "HardSwish");

/** gamma · (x where it is positive, alpha · (e^x - 1) elsewhere), with the constants of Klambauer et al. 2017 @function */
export const selu = activation("selu", "Selu");
/** x · tanh(ln(1 + e^x)) (Misra 2019) @function */
export const mish = activation("mish", "Mish");

/**
 * x where it is positive, alpha·x elsewhere; alpha is 0.01 by default.
 *
 * @param options.alpha - The slope below 0; 0.01 by default.
 */
export const leakyRelu = (options: LayerOptions & { readonly alpha?: number } = {}): Layer =>
  defineLayer("leakyRelu", options, (scope, x) => {
    const alpha = scope.number("alpha", options.alpha ?? 0.01);
    return scope.node("LeakyRelu", [x.name], { alpha });
  });

/**
 * As `leakyRelu`, with a slope that is learnt (He et al. 2015, arXiv:1502.01852). Parameter: `slope` [C, 1, …], one for
 * each channel or feature.
 *
 * @param options.initial - What slopes begin with; 0.25 by default.
 */
export const prelu = (options: LayerOptions & { readonly initial?: number } = {}): Layer =>
  defineLayer("prelu", options, (scope, x) => {
    const initial = scope.number("initial", options.initial ?? 0.25);
    const channels = knownSize(scope, x, 1);
    const shape = { dims: [channels, ...x.dims.slice(2).map(() => 1)], fanIn: 1, fanOut: 1 };
    return scope.node("PRelu", [x.name, scope.parameter("slope", shape, constant(initial))]);
  });

/**
 * x where it is positive, alpha · (e^x - 1) elsewhere (Clevert et al. 2015, arXiv:1511.07289).
 *
 * @param options.alpha - What it falls to, negated; 1 by default.
 */
export const elu = (options: LayerOptions & { readonly alpha?: number } = {}): Layer =>
  defineLayer("elu", options, (scope, x) =>
    scope.node("Elu", [x.name], { alpha: scope.number("alpha", options.alpha ?? 1) }),
  );

/**
 * clip(alpha · x + beta, 0, 1), which costs no exponential (MobileNetV3).
 *
 * @param options.alpha - The slope between the bounds; 1/6 by default.
 * @param options.beta - What comes of 0; 0.5 by default.
 */
export const hardSigmoid = (
  options: LayerOptions & { readonly alpha?: number; readonly beta?: number } = {},
): Layer =>
  defineLayer("hardSigmoid", options, (scope, x) => {
    const alpha = scope.number("alpha", options.alpha ?? 1 / 6);
    const beta = scope.number("beta", options.beta ?? 0.5);
    return scope.node("HardSigmoid", [x.name], { alpha, beta });
  });

/** x · sigmoid(x) */
export const silu = (options: LayerOptions = {}): Layer =>
  defineLayer("silu", options, (scope, x) =>
    scope.node("Mul", [x.name, scope.node("Sigmoid", [x.name], {}, "gate")]),
  );

/**
 * x · Φ(x), by the error function, or by the tanh that comes close to it.
 *
 * @param options.approximate - "none", the error function, by default.
 */
export const gelu = (options: LayerOptions & { readonly approximate?: "none" | "tanh" } = {}): Layer =>
  defineLayer("gelu", options, (scope, x) => {
    const approximate = oneOf(`${scope.name}: approximate`, options.approximate ?? "none", ["none", "tanh"]);
    return scope.node("Gelu", [x.name], { approximate });
  });

/**
 * min(max(x, low), high); clip({ low: 0, high: 6 }) is ReLU6.
 *
 * @param options.low - The least that comes out.
 * @param options.high - The most that comes out.
 */
export const clip = (options: LayerOptions & { readonly low: number; readonly high: number }): Layer =>
  defineLayer("clip", options, (scope, x) => {
    const { low, high } = options;
    for (const bound of [low, high])
      if (typeof bound !== "number") scope.fail(`low and high must be numbers, got ${shown(bound)}`);
    if (!(low <= high)) scope.fail(`low must not exceed high, got ${low} and ${high}`);
    return scope.node("Clip", [x.name, scope.scalar("low", low), scope.scalar("high", high)]);
  });

/** LeCun's squashing function, 1.7159·tanh(2x/3): it maps ±1 to ±1 (LeCun et al. 1998, appendix A). */
export const scaledTanh = (options: LayerOptions = {}): Layer =>
  defineLayer("scaledTanh", options, (scope, x) => {
    const inner = scope.node("Mul", [x.name, scope.scalar("slope", 2 / 3)], {}, "inner");
    const squashed = scope.node("Tanh", [inner], {}, "tanh");
    return scope.node("Mul", [squashed, scope.scalar("amplitude", 1.7159)]);
  });

/**
 * Probabilities along an axis, 1 (the channels or features) by default.
 *
 * @param options.axis - 1 by default; the batch is axis 0.
 */
export const softmax = (options: LayerOptions & { readonly axis?: number } = {}): Layer =>
  defineLayer("softmax", options, (scope, x) => {
    const axis = scope.number("axis", options.axis ?? 1, { whole: true });
    return scope.node("Softmax", [x.name], { axis });
  });
