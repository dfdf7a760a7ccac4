import { elementCount } from "../../tensor.ts";
import { defineOp, float, placesOf, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

const INPUTS = ["parameter", "gradient", "rate", "guard", "square", "velocity?"] as const;
const OUTPUTS = ["parameter", "square", "velocity?"] as const;
export const RMS_PROP = { in: placesOf(INPUTS), out: placesOf(OUTPUTS) };

/**
 * One step of RMSProp (Tieleman and Hinton 2012): s ← ρ·s + (1 − ρ)·g²; u ← momentum·u + g / (√s + ε); w ← w − rate·u,
 * weight decay added to the gradient. Without `velocity` there is no momentum. Where `guard` (the loss) is not finite,
 * nothing changes.
 */
export const rmsPropUpdate = defineOp({
  type: "RmsPropUpdate",
  domain: "lanewise",
  since: [1],
  inputs: INPUTS,
  outputs: OUTPUTS,
  attributes: { epsilon: float(1e-8), momentum: float(0), rho: float(0.9), weightDecay: float(0) },
  infer(context) {
    const parameter = sameAs(context.fact(0));
    return Array.from({ length: context.outputCount }, () => parameter);
  },
  evaluate(context) {
    const { parameter: w, gradient: g, square: s, velocity: u, ...scalars } = context.tensors();
    const [rate, guard] = [scalars.rate, scalars.guard].map((x) => toNumbers(x)[0]) as [number, number];
    if (!Number.isFinite(guard)) return u === undefined ? [w, s] : [w, s, u];
    const { epsilon, momentum, rho, weightDecay } = context.attributes;
    const [old, slopes, squares, before] = [toNumbers(w), toNumbers(g), toNumbers(s), u && toNumbers(u)];
    const count = elementCount(w.dims);
    const [weights, newS, newU] = [0, 1, 2].map(() => new Float64Array(count)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let i = 0; i < count; i++) {
      const slope = (slopes[i] as number) + weightDecay * (old[i] as number);
      const square = rho * (squares[i] as number) + (1 - rho) * slope * slope;
      const step = slope / (Math.sqrt(square) + epsilon) + momentum * ((before?.[i] as number) ?? 0);
      newS[i] = square;
      newU[i] = step;
      weights[i] = (old[i] as number) - rate * step;
    }
    const results = [weights, newS, newU].map((values) => fromNumbers(w.dtype, w.dims, values));
    return u === undefined ? results.slice(0, 2) : results;
  },
});
