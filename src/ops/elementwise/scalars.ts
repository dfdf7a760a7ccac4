/** A function of one number. */
export type Scalar = (x: number) => number;

/** Half to even, as IEEE roundToIntegralTiesToEven. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return rest === 0.5 ? 2 * Math.round(floor / 2) : x;
}

export const sigmoid: Scalar = (x) => 1 / (1 + Math.exp(-x));

const softplus: Scalar = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The error function to double precision, near 0 by a series of positive terms. */
export function erf(x: number): number {
  if (!(Math.abs(x) < 2)) return x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 - erf(x) without its cancellation: beyond 2 by a continued fraction. */
export function erfc(x: number): number {
  if (x < 2) return 1 - erf(x);
  let fraction = 0;
  for (let n = 99; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** A bound of NaN is none. */
const lowered = (x: number, max: number): number => (max < x ? max : x);

/**
 * The functions of one number, by their two parameters: the definitions that kernels are held to, which know each by its name
 * here.
 */
export const scalars = {
  identity: () => (x) => x,
  relu: () => (x) => Math.max(x, 0),
  clip: (min, max) => (x) => lowered(x < min ? min : x, max),
  leakyRelu: (alpha) => (x) => (x < 0 ? alpha * x : x),
  sigmoid: () => sigmoid,
  hardSigmoid: (alpha, beta) => (x) => Math.max(0, Math.min(1, alpha * x + beta)),
  hardSwish: () => (x) => x * Math.max(0, Math.min(1, (x + 3) / 6)),
  silu: (alpha) => (x) => x * sigmoid(alpha * x),
  tanh: () => Math.tanh,
  elu: (alpha) => (x) => (x < 0 ? alpha * Math.expm1(x) : x),
  selu: (alpha, gamma) => (x) => gamma * (x < 0 ? alpha * Math.expm1(x) : x),
  softplus: () => softplus,
  softsign: () => (x) => x / (1 + Math.abs(x)),
  gelu: () => (x) => 0.5 * x * erfc(-x * Math.SQRT1_2),
  geluTanh: () => (x) => x * sigmoid(Math.sqrt(8 / Math.PI) * (x + 0.044715 * x * x * x)),
  mish: () => (x) => x * Math.tanh(softplus(x)),
  exp: () => Math.exp,
  log: () => Math.log,
  sqrt: () => Math.sqrt,
  reciprocal: () => (x) => 1 / x,
  abs: () => Math.abs,
  neg: () => (x) => -x,
  floor: () => Math.floor,
  ceil: () => Math.ceil,
  round: () => roundHalfEven,
  erf: () => erf,
  sin: () => Math.sin,
  cos: () => Math.cos,
  thresholdedRelu: (alpha) => (x) => (x > alpha ? x : 0),
  celu: (alpha) => (x) => (x < 0 ? alpha * Math.expm1(x / alpha) : x),
  sign: () => Math.sign,
  affine: (alpha, beta) => (x) => alpha * x + beta,
  square: () => (x) => x * x,
} as const satisfies Readonly<Record<string, (alpha: number, beta: number) => Scalar>>;

export type ScalarName = keyof typeof scalars;
