import type { FusedActivation } from "../../graph/graph.ts";

type Scalar = (x: number) => number;

const sigmoid: Scalar = (x) => 1 / (1 + Math.exp(-x));
const softplus: Scalar = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The error function, to double precision: its series near 0, the continued fraction of erfc beyond. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (!(size < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 100; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction));
}

const scalars: Readonly<Record<string, (alpha: number, beta: number) => Scalar>> = {
  identity: () => (x) => x,
  relu: () => (x) => Math.max(x, 0),
  clip: (min, max) => (x) => Math.min(Math.max(x, min), max),
  leakyRelu: (alpha) => (x) => (x < 0 ? alpha * x : x),
  sigmoid: () => sigmoid,
  hardSigmoid: (alpha, beta) => (x) => Math.max(0, Math.min(1, alpha * x + beta)),
  hardSwish: () => (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  silu: (alpha) => (x) => x * sigmoid(alpha * x),
  tanh: () => Math.tanh,
  elu: (alpha) => (x) => (x < 0 ? alpha * Math.expm1(x) : x),
  selu: (alpha, gamma) => (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x)),
  softplus: () => softplus,
  softsign: () => (x) => x / (1 + Math.abs(x)),
  gelu: () => (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  geluTanh: () => (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  mish: () => (x) => x * Math.tanh(softplus(x)),
  abs: () => Math.abs,
  neg: () => (x) => -x,
  thresholdedRelu: (alpha) => (x) => (x > alpha ? x : 0),
  celu: (alpha) => (x) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha)),
  affine: (alpha, beta) => (x) => alpha * x + beta,
};

/** What a fused activation does to each element, in place. */
export function activate(activation: FusedActivation | undefined, values: Float64Array): void {
  if (activation === undefined) return;
  const scalar = scalars[activation.kind]?.(activation.alpha, activation.beta);
  if (scalar === undefined) throw new Error(`no definition of the fused activation ${activation.kind}`);
  for (let i = 0; i < values.length; i++) values[i] = scalar(values[i] as number);
}
