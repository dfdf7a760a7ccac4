import { float, required, string } from "../define.ts";
import { defineOptimizerOp } from "./optimizer-op.ts";

/**
 * Momentum: one iteration of stochastic gradient descent with momentum, "standard" or "nesterov".
 * https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Momentum.html
 */
export const momentum = defineOptimizerOp({
  type: "Momentum",
  attributes: {
    alpha: required(float()),
    beta: required(float()),
    mode: required(string()),
    normCoefficient: required(float()),
  },
  states: 1,
  update:
    ({ alpha, beta, mode, normCoefficient }) =>
    (rate, count, [x, g, v]) => {
      const gradient = normCoefficient * (x as number) + (g as number);
      const velocity = alpha * (v as number) + (count > 0 ? beta : 1) * gradient;
      const direction = mode === "nesterov" ? gradient + alpha * velocity : velocity;
      return [(x as number) - rate * direction, velocity];
    },
});
