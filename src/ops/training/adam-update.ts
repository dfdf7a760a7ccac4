import { elementCount } from "../../tensor.ts";
import { defineOp, float, int, placesOf, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

const INPUTS = ["parameter", "gradient", "rate", "guard", "m", "v", "step"] as const;
const OUTPUTS = ["parameter", "m", "v"] as const;
export const ADAM = { in: placesOf(INPUTS), out: placesOf(OUTPUTS) };

/**
 * One step of Adam (Kingma and Ba 2015, algorithm 1): m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²;
 * w ← w − rate·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) for the step t, counted from 1. Weight decay
 * joins the gradient or, `decoupled`, takes rate·decay·w off w (AdamW, Loshchilov and Hutter 2019). Where `guard` (the
 * loss) is not finite, nothing changes.
 */
export const adamUpdate = defineOp({
  type: "AdamUpdate",
  domain: "lanewise",
  since: [1],
  inputs: INPUTS,
  outputs: OUTPUTS,
  attributes: {
    beta1: float(0.9),
    beta2: float(0.999),
    decoupled: int(0),
    epsilon: float(1e-8),
    weightDecay: float(0),
  },
  infer(context) {
    const parameter = sameAs(context.fact(0));
    return [parameter, parameter, parameter];
  },
  evaluate(context) {
    const { parameter: w, gradient: g, m, v, ...scalars } = context.tensors();
    const scalar = (name: keyof typeof scalars) => toNumbers(scalars[name])[0] as number;
    const [rate, guard, step] = [scalar("rate"), scalar("guard"), scalar("step")];
    if (!Number.isFinite(guard)) return [w, m, v];
    const { beta1, beta2, decoupled, epsilon, weightDecay } = context.attributes;
    const [old, slopes, means, squares] = [toNumbers(w), toNumbers(g), toNumbers(m), toNumbers(v)];
    const count = elementCount(w.dims);
    const [weights, newM, newV] = [0, 1, 2].map(() => new Float64Array(count)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let i = 0; i < count; i++) {
      const weight = old[i] as number;
      const slope = (slopes[i] as number) + (decoupled ? 0 : weightDecay) * weight;
      const mean = beta1 * (means[i] as number) + (1 - beta1) * slope;
      const square = beta2 * (squares[i] as number) + (1 - beta2) * slope * slope;
      const reach = Math.sqrt(square / (1 - beta2 ** step)) + epsilon;
      const kept = weight * (decoupled ? 1 - rate * weightDecay : 1);
      newM[i] = mean;
      newV[i] = square;
      weights[i] = kept - (rate * mean) / (1 - beta1 ** step) / reach;
    }
    return [weights, newM, newV].map((values) => fromNumbers(w.dtype, w.dims, values));
  },
});
