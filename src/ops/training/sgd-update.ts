import { elementCount } from "../../tensor.ts";
import { defineOp, float, int, placesOf, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

const INPUTS = ["parameter", "gradient", "rate", "guard", "velocity?"] as const;
const OUTPUTS = ["parameter", "velocity?"] as const;
export const SGD = { in: placesOf(INPUTS), out: placesOf(OUTPUTS) };

/**
 * One step of stochastic gradient descent with momentum (Polyak 1964; Nesterov as in Sutskever et al. 2013) and weight
 * decay added to the gradient: v ← momentum·v + g + decay·w; w ← w − rate·v, with Nesterov w ← w − rate·(g + decay·w +
 * momentum·v). Without `velocity` there is no momentum. Where `guard` (the loss) is not finite, nothing changes.
 */
export const sgdUpdate = defineOp({
  type: "SgdUpdate",
  domain: "lanewise",
  since: [1],
  inputs: INPUTS,
  outputs: OUTPUTS,
  attributes: { momentum: float(0), nesterov: int(0), weightDecay: float(0) },
  infer(context) {
    const parameter = sameAs(context.fact(0));
    return context.outputCount > 1 ? [parameter, parameter] : [parameter];
  },
  evaluate(context) {
    const { parameter: w, gradient: g, velocity: v, ...scalars } = context.tensors();
    const [rate, guard] = [scalars.rate, scalars.guard].map((x) => toNumbers(x)[0]) as [number, number];
    if (!Number.isFinite(guard)) return v === undefined ? [w] : [w, v];
    const { momentum, nesterov, weightDecay } = context.attributes;
    const [old, gradient, before] = [toNumbers(w), toNumbers(g), v && toNumbers(v)];
    const weights = new Float64Array(elementCount(w.dims));
    const velocities = new Float64Array(weights.length);
    for (let i = 0; i < weights.length; i++) {
      const slope = (gradient[i] as number) + weightDecay * (old[i] as number);
      const velocity = momentum * ((before?.[i] as number) ?? 0) + slope;
      velocities[i] = velocity;
      const step = before === undefined ? slope : nesterov ? slope + momentum * velocity : velocity;
      weights[i] = (old[i] as number) - rate * step;
    }
    const parameter = fromNumbers(w.dtype, w.dims, weights);
    return v === undefined ? [parameter] : [parameter, fromNumbers(v.dtype, v.dims, velocities)];
  },
});
