import { defineOp, factOf } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** The Euclidean norm of any number of tensors together, by which gradients are clipped (Pascanu et al. 2013). */
export const gradientNorm = defineOp({
  type: "GradientNorm",
  domain: "lanewise",
  since: [1],
  inputs: ["gradients*"],
  outputs: ["norm"],
  attributes: {},
  infer: (context) => [factOf(context.fact(0).dtype, [])],
  evaluate(context) {
    let sum = 0;
    for (let i = 0; i < context.inputCount; i++) {
      for (const value of toNumbers(context.tensor(i)) as Float64Array) sum += value * value;
    }
    return [fromNumbers(context.tensor(0).dtype, [], [Math.sqrt(sum)])];
  },
});
