import { defineOp, float, required, sameAs, string } from "../define.ts";
import { erfc, sigmoid } from "../elementwise/scalars.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

type Slope = (t: number, alpha: number, beta: number) => number;

/** A product with what has vanished is to be 0, not ∞·0. */
const bounded = (x: number): number => Math.min(Math.max(x, -99), 99);

/** Of x·sigmoid(u) with u = x·(k + c·x²). */
function geluTanh(x: number): number {
  const k = Math.sqrt(8 / Math.PI);
  const t = bounded(x);
  const s = sigmoid(t * k * (1 + 0.044715 * t * t));
  return s * (1 + t * k * (1 + 3 * 0.044715 * t * t) * (1 - s));
}

/**
 * The slope of each activation at t, which is its output y or its input x, whichever is enough. Where it has a kink, the
 * slope is the one that docs/training.md says.
 */
const slopes = {
  clip: (x, min, max) => (x >= min && x <= max ? 1 : 0),
  leakyRelu: (x, alpha) => (x > 0 ? 1 : alpha),
  sigmoid: (y) => y * (1 - y),
  hardSigmoid: (y, alpha) => (y > 0 && y < 1 ? alpha : 0),
  hardSwish: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
  silu: (x, alpha) => sigmoid(alpha * x) * (1 + alpha * x * (1 - sigmoid(alpha * x))),
  tanh: (y) => (1 - y) * (1 + y),
  elu: (x, alpha) => (x <= 0 ? alpha * Math.exp(x) : 1),
  softplus: sigmoid,
  gelu: (x) => 0.5 * erfc(-x * Math.SQRT1_2) + bounded(x) * Math.exp(-0.5 * x * x) * Math.sqrt(0.5 / Math.PI),
  geluTanh,
} satisfies Record<string, Slope>;

export type ActivationKind = keyof typeof slopes;

const isKind = (kind: string): kind is ActivationKind => Object.hasOwn(slopes, kind);

/**
 * The gradient of an activation by its input: dy times its slope at t, the activation's output for sigmoid, hardSigmoid
 * and tanh, its input for the others. alpha and beta are those of `f32_unary`.
 */
export const activationGradient = defineOp({
  type: "ActivationGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["dy", "t"],
  attributes: { kind: required(string()), alpha: float(1), beta: float(0) },
  infer(context) {
    const { kind } = context.attributes;
    if (!isKind(kind)) context.fail(`kind must be one of ${Object.keys(slopes).join(", ")}, got ${kind}`);
    return [sameAs(context.fact(0))];
  },
  evaluate(context) {
    const [dy, t] = [context.tensor(0), context.tensor(1)];
    const { kind, alpha, beta } = context.attributes;
    const slope: Slope = slopes[kind as ActivationKind];
    const at = toNumbers(t);
    // These let values pass or not: where nothing does, nothing that is not finite does either.
    const masks = kind === "clip" || kind === "hardSigmoid";
    const result = Float64Array.from(toNumbers(dy), (value, i) => {
      const factor = slope(at[i] as number, alpha, beta);
      return masks && factor === 0 ? 0 : value * factor;
    });
    return [fromNumbers(dy.dtype, dy.dims, result)];
  },
});
