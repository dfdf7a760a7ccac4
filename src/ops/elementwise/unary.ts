import { choice, float, type Op } from "../define.ts";
import { BOOL, FLOATS, NUMBERS, SIGNED } from "./dtypes.ts";
import { unary } from "./unary-op.ts";

/** Functions of one number: https://onnx.ai/onnx/operators has a page for each. */
export const UNARY: readonly Op[] = [
  // The absolute value; that of the least integer wraps to itself.
  unary("Abs", [1, 6, 13], { dtypes: NUMBERS, kernel: "abs", wide: () => (x) => (x < 0n ? -x : x) }),
  // The next whole number upwards.
  unary("Ceil", [1, 6, 13], { kernel: "ceil" }),
  // max(0, x) + min(0, alpha·(exp(x/alpha) - 1)).
  unary("Celu", [12, 28], { attributes: { alpha: float(1) }, kernel: ({ alpha }) => ["celu", alpha, 0] }),
  // The cosine, of radians.
  unary("Cos", [7, 22], { kernel: "cos" }),
  // x, or alpha·(exp(x) - 1) below 0.
  unary("Elu", [1, 6, 22], { attributes: { alpha: float(1) }, kernel: ({ alpha }) => ["elu", alpha, 0] }),
  // The error function.
  unary("Erf", [9, 13], { kernel: "erf" }),
  // e to the power of x.
  unary("Exp", [1, 6, 13], { kernel: "exp" }),
  // The next whole number downwards.
  unary("Floor", [1, 6, 13], { kernel: "floor" }),
  // x·Φ(x), by erf or, with approximate="tanh", by its tanh approximation.
  unary("Gelu", [20], {
    attributes: { approximate: choice("none", "tanh") },
    kernel: ({ approximate }) => [approximate === "tanh" ? "geluTanh" : "gelu", 0, 0],
  }),
  // max(0, min(1, alpha·x + beta)).
  unary("HardSigmoid", [1, 6, 22], {
    attributes: { alpha: float(0.2), beta: float(0.5) },
    kernel: ({ alpha, beta }) => ["hardSigmoid", alpha, beta],
  }),
  // x·max(0, min(1, x/6 + 1/2)).
  unary("HardSwish", [14, 22], { kernel: "hardSwish" }),
  // x, or alpha·x below 0.
  unary("LeakyRelu", [1, 6, 16], {
    attributes: { alpha: float(0.01) },
    kernel: ({ alpha }) => ["leakyRelu", alpha, 0],
  }),
  // The natural logarithm.
  unary("Log", [1, 6, 13], { kernel: "log" }),
  // x·tanh(softplus(x)).
  unary("Mish", [18, 22], { kernel: "mish" }),
  // -x.
  unary("Neg", [1, 6, 13], { dtypes: [...FLOATS, ...SIGNED], kernel: "neg", wide: () => (x) => -x }),
  // The negation of bools.
  unary("Not", [1], { dtypes: BOOL, scalar: () => (x) => (x === 0 ? 1 : 0) }),
  // 1 / x.
  unary("Reciprocal", [1, 6, 13], { kernel: "reciprocal" }),
  // max(0, x).
  unary("Relu", [1, 6, 13, 14], {
    dtypes: [...FLOATS, ...SIGNED],
    kernel: "relu",
    wide: () => (x) => (x < 0n ? 0n : x),
  }),
  // The nearest whole number, halves to even.
  unary("Round", [11, 22], { kernel: "round" }),
  // gamma·x, or gamma·alpha·(exp(x) - 1) below 0.
  unary("Selu", [1, 6, 22], {
    attributes: { alpha: float(1.6732631921768188), gamma: float(1.0507010221481323) },
    kernel: ({ alpha, gamma }) => ["selu", alpha, gamma],
  }),
  // 1 / (1 + exp(-x)).
  unary("Sigmoid", [1, 6, 13], { kernel: "sigmoid" }),
  // -1, 0 or 1.
  unary("Sign", [9, 13], {
    dtypes: NUMBERS,
    kernel: "sign",
    wide: () => (x) => (x < 0n ? -1n : x > 0n ? 1n : 0n),
  }),
  // x·sigmoid(alpha·x), which a pass makes of Sigmoid and Mul.
  unary("Silu", [1], {
    domain: "lanewise",
    attributes: { alpha: float(1) },
    kernel: ({ alpha }) => ["silu", alpha, 0],
  }),
  // The sine, of radians.
  unary("Sin", [7, 22], { kernel: "sin" }),
  // ln(1 + exp(x)).
  unary("Softplus", [1, 22], { kernel: "softplus" }),
  // x / (1 + |x|).
  unary("Softsign", [1, 22], { kernel: "softsign" }),
  // The square root; NaN below 0.
  unary("Sqrt", [1, 6, 13], { kernel: "sqrt" }),
  // x·sigmoid(alpha·x).
  unary("Swish", [24], { attributes: { alpha: float(1) }, kernel: ({ alpha }) => ["silu", alpha, 0] }),
  // The hyperbolic tangent.
  unary("Tanh", [1, 6, 13], { kernel: "tanh" }),
  // x where it is above alpha, else 0.
  unary("ThresholdedRelu", [1, 10, 22], {
    attributes: { alpha: float(1) },
    kernel: ({ alpha }) => ["thresholdedRelu", alpha, 0],
  }),
];
