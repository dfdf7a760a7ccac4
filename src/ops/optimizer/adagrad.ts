import { float } from "../define.ts";
import { defineOptimizerOp } from "./optimizer-op.ts";

/**
 * Adagrad: one iteration; the state H sums the squared gradients.
 * https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Adagrad.html
 */
export const adagrad = defineOptimizerOp({
  type: "Adagrad",
  attributes: { decayFactor: float(0), epsilon: float(1e-6), normCoefficient: float(0) },
  states: 1,
  update:
    ({ decayFactor, epsilon, normCoefficient }) =>
    (rate, count, [x, g, h]) => {
      const gradient = normCoefficient * (x as number) + (g as number);
      const squares = (h as number) + gradient * gradient;
      const step = rate / (1 + count * decayFactor);
      return [(x as number) - (step * gradient) / (Math.sqrt(squares) + epsilon), squares];
    },
});
