/** An activation of a recurrent cell, with the clip in front of it. */
export type CellActivation = (x: number) => number;

export interface ActivationAttributes {
  readonly activationAlpha: readonly number[] | undefined;
  readonly activationBeta: readonly number[] | undefined;
  readonly activations: readonly string[] | undefined;
  readonly clip: number | undefined;
}

interface Definition {
  /** Defaults; absent where the function has no such parameter. */
  readonly alpha?: number;
  readonly beta?: number;
  make(alpha: number, beta: number): CellActivation;
}

/** Where the ONNX text names no default (or, for ThresholdedRelu, 1), onnxruntime takes 0. */
const definitions: Readonly<Record<string, Definition>> = {
  relu: { make: () => (x) => Math.max(x, 0) },
  tanh: { make: () => Math.tanh },
  sigmoid: { make: () => (x) => 1 / (1 + Math.exp(-x)) },
  affine: { alpha: 0, beta: 0, make: (alpha, beta) => (x) => alpha * x + beta },
  leakyrelu: { alpha: 0.01, make: (alpha) => (x) => (x < 0 ? alpha * x : x) },
  thresholdedrelu: { alpha: 0, make: (alpha) => (x) => (x >= alpha ? x : 0) },
  scaledtanh: { alpha: 0, beta: 0, make: (alpha, beta) => (x) => alpha * Math.tanh(beta * x) },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    make: (alpha, beta) => (x) => Math.min(Math.max(alpha * x + beta, 0), 1),
  },
  elu: { alpha: 1, make: (alpha) => (x) => (x < 0 ? alpha * Math.expm1(x) : x) },
  softsign: { make: () => (x) => x / (1 + Math.abs(x)) },
  softplus: { make: () => (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
};

/**
 * The activations of each direction. `activation_alpha` and `activation_beta` are consumed in order, by the functions
 * that have such a parameter. `unclipped` is the place of the function that has no clip in front of it.
 */
export function cellActivations(
  context: { readonly attributes: ActivationAttributes; fail(message: string): never },
  defaults: readonly string[],
  directions: number,
  unclipped?: number,
): CellActivation[][] {
  const { activations, activationAlpha = [], activationBeta = [], clip } = context.attributes;
  const names = activations?.length ? activations : Array.from({ length: directions }, () => defaults).flat();
  if (names.length !== defaults.length * directions) {
    context.fail(`activations [${names}] must be ${defaults.length} for each of ${directions} directions`);
  }
  const alphas = [...activationAlpha];
  const betas = [...activationBeta];
  const made = names.map((name, i) => {
    const key = name.toLowerCase();
    const definition = Object.hasOwn(definitions, key) ? definitions[key] : undefined;
    if (definition === undefined) return context.fail(`activation ${JSON.stringify(name)} is unknown`);
    const alpha = definition.alpha === undefined ? 0 : (alphas.shift() ?? definition.alpha);
    const beta = definition.beta === undefined ? 0 : (betas.shift() ?? definition.beta);
    const activation = definition.make(alpha, beta);
    if (clip === undefined || clip <= 0 || i % defaults.length === unclipped) return activation;
    return (x: number) => activation(Math.min(Math.max(x, -clip), clip));
  });
  return Array.from({ length: directions }, (_, d) =>
    made.slice(d * defaults.length, (d + 1) * defaults.length),
  );
}
