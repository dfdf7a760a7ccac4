type Unary = (x: number, alpha: number, beta: number) => number;

const sigmoid: Unary = (x) => 1 / (1 + Math.exp(-x));
const softplus: Unary = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/** Maclaurin series near zero, continued fraction beyond. */
export function erf(x: number): number {
  const t = Math.abs(x);
  if (!(t < 6)) return Number.isNaN(x) ? Number.NaN : Math.sign(x);
  if (t < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 80; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let tail = 0;
  for (let k = 80; k > 0; k--) tail = k / 2 / (t + tail);
  return Math.sign(x) * (1 - Math.exp(-t * t) / (Math.sqrt(Math.PI) * (t + tail)));
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
  hardSwish: (x) => x * clamp(x / 6 + 0.5, 0, 1),
  silu: (x, alpha, beta) => x * sigmoid(alpha * x, alpha, beta),
  tanh: Math.tanh,
  elu: (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x),
  selu: (x, alpha, beta) => beta * (x < 0 ? alpha * Math.expm1(x) : x),
  softplus,
  softsign: (x) => x / (1 + Math.abs(x)),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
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
