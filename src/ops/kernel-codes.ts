/** Codes of `f32_unary` and of fused activations; mirrored by `assembly/kernels/unary.ts`. */
export const unaryCode = {
  identity: 0,
  relu: 1,
  clip: 2, // alpha = min, beta = max
  leakyRelu: 3, // alpha
  sigmoid: 4,
  hardSigmoid: 5, // alpha, beta
  hardSwish: 6,
  silu: 7, // x·sigmoid(alpha·x)
  tanh: 8,
  elu: 9, // alpha
  selu: 10, // alpha, beta = gamma
  softplus: 11,
  softsign: 12,
  gelu: 13, // erf form
  geluTanh: 14,
  mish: 15,
  exp: 16,
  log: 17,
  sqrt: 18,
  reciprocal: 19,
  abs: 20,
  neg: 21,
  floor: 22,
  ceil: 23,
  round: 24, // half to even
  erf: 25,
  sin: 26,
  cos: 27,
  thresholdedRelu: 28, // alpha
  celu: 29, // alpha
  sign: 30,
  affine: 31, // alpha·x + beta
  square: 32,
} as const;

/** Codes of `f32_binary`; mirrored by `assembly/kernels/binary.ts`. */
export const binaryCode = { add: 0, sub: 1, mul: 2, div: 3, min: 4, max: 5, pow: 6 } as const;

/** Codes of `f32_reduce`; mirrored by `assembly/kernels/reduce.ts`. */
export const reduceCode = {
  sum: 0,
  mean: 1,
  max: 2,
  min: 3,
  prod: 4,
  l1: 5,
  l2: 6,
  sumSquare: 7,
  logSum: 8,
  logSumExp: 9,
} as const;

/** What the int8 kernels make of their sums; mirrored by `assembly/kernels/i8_finish.ts`. */
export const sumCode = { int32: 0, float32: 1, int8: 2, uint8: 3 } as const;
