import { functionOf, numberIn, objectOf } from "../arguments.ts";
import type { Optimizer } from "./optimizers.ts";
import { scalarConstant } from "./scalar-constant.ts";

/**
 * An optimiser with a learning rate of its own for each weight: what others have learnt is to change less than what is new.
 *
 * ```ts
 * const gentle = layerRates(adam({ learningRate: 0.002 }), (weight) => (weight.startsWith("head.") ? 1 : 0.1));
 * ```
 *
 * @param optimizer - What is to be done at these rates.
 * @param shareOf - What the optimiser's rate is multiplied by for a weight, by its name; 0 leaves the weight as it is.
 */
export function layerRates(optimizer: Optimizer, shareOf: (weight: string) => number): Optimizer {
  const { name, learningRate, slots } = objectOf("layerRates: the optimizer", optimizer, "an optimiser");
  functionOf("layerRates: shareOf", shareOf);
  return {
    name: `${name} by layer`,
    learningRate,
    slots,
    update(builder, inputs, target) {
      const { parameter, rate } = inputs;
      const share = numberIn(`layerRates: the share of ${parameter}`, shareOf(parameter), { from: 0 });
      const own =
        share === 1
          ? rate
          : builder.node("Mul", [rate, scalarConstant(builder, `share of ${parameter}`, share)]);
      optimizer.update(builder, { ...inputs, rate: own }, target);
    },
  };
}
