type Unary = (x: number, alpha: number, beta: number) => number;

const sigmoid: Unary = (x) => 1 / (1 + Math.exp(-x));
const softplus: Unary = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/** erf(x)·e^(x²)·√π/2, a sum of positive terms. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n++) {
    term *= (x * x) / (n + 0.5);
    sum += term;
  }
  return sum;
}

/** 1 - erf(x): by Laplace's continued fraction where that does not cancel. */
export function erfc(x: number): number {
  if (x < 2) return 1 - erf(x);
  let tail = 0;
  for (let k = 120; k > 0; k--) tail = k / 2 / (x + tail);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + tail));
}

export function erf(x: number): number {
  if (Math.abs(x) < 2) return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * erfSeries(x);
  return Number.isNaN(x) ? x : Math.sign(x) * (1 - erfc(Math.abs(x)));
}

function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

export const unary: Record<string, Unary> = {
  identity: (x) => x,
  relu: (x) => Math.max(x, 0),
  clip: (x, alpha, beta) => clamp(x, alpha, beta),
  leakyRelu: (x, alpha) => (x < 0 ? alpha * x : x),
  sigmoid,
  hardSigmoid: (x, alpha, beta) => clamp(alpha * x + beta, 0, 1),
  hardSwish: (x) => (x * clamp(x + 3, 0, 6)) / 6,
  silu: (x, alpha, beta) => x * sigmoid(alpha * x, alpha, beta),
  tanh: Math.tanh,
  elu: (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x),
  selu: (x, alpha, beta) => beta * (x < 0 ? alpha * Math.expm1(x) : x),
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  gelu: (x) => (x * erfc(-x / Math.SQRT2)) / 2,
  geluTanh: (x) => x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  mish: (x, alpha, beta) => x * Math.tanh(softplus(x, alpha, beta)),
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  abs: Math.abs,
  neg: (x) => -x,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  erf,
  sin: Math.sin,
  cos: Math.cos,
  thresholdedRelu: (x, alpha) => (x > alpha ? x : 0),
  celu: (x, alpha) => (x < 0 ? alpha * Math.expm1(x / alpha) : x),
  sign: Math.sign,
  affine: (x, alpha, beta) => alpha * x + beta,
  square: (x) => x * x,
};

export const prelu = (x: number, slope: number): number => (x < 0 ? slope * x : x);

/** Alpha and beta with which to try a code. */
export const PARAMETERS: Record<string, [number, number]> = {
  clip: [-1, 6],
  leakyRelu: [0.01, 0],
  hardSigmoid: [0.2, 0.5],
  silu: [1, 0],
  elu: [1, 0],
  selu: [1.6732632, 1.050701],
  thresholdedRelu: [1, 0],
  celu: [2, 0],
  affine: [1.5, -0.25],
};
