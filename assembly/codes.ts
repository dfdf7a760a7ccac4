// The codes that kernels take. The host's own are generated from here, and for kernels an argument of these types is an
// i32 like any other.

/** Codes of `f32_unary`, of fused activations, and of `f32_activation_gradient`. */
export const enum Unary {
  identity,
  relu,
  clip, // alpha = min, beta = max
  leakyRelu, // alpha
  sigmoid,
  hardSigmoid, // alpha, beta
  hardSwish,
  silu, // x·sigmoid(alpha·x)
  tanh,
  elu, // alpha
  selu, // alpha, beta = gamma
  softplus,
  softsign,
  gelu, // erf form
  geluTanh,
  mish,
  exp,
  log,
  sqrt,
  reciprocal,
  abs,
  neg,
  floor,
  ceil,
  round, // half to even
  erf,
  sin,
  cos,
  thresholdedRelu, // alpha
  celu, // alpha
  sign,
  affine, // alpha·x + beta
  square,
}

/** Codes of `f32_binary`. */
export const enum Binary {
  add,
  sub,
  mul,
  div,
  min,
  max,
  pow,
}

/** Codes of `f32_reduce`. */
export const enum Reduce {
  sum,
  mean,
  max,
  min,
  prod,
  l1,
  l2,
  sumSquare,
  logSum,
  logSumExp,
}

/** What the int8 kernels make of their sums. */
export const enum Sum {
  int32,
  float32,
  int8,
  uint8,
}

/** What `x32_pad` puts around an image. */
export const enum Pad {
  constant,
  reflect,
  edge,
  wrap,
}
