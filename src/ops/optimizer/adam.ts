import { float } from "../define.ts";
import { defineOptimizerOp } from "./optimizer-op.ts";

/**
 * Adam: one iteration; the states V and H average the gradients and their squares.
 * https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Adam.html
 */
export const adam = defineOptimizerOp({
  type: "Adam",
  attributes: {
    alpha: float(0.9),
    beta: float(0.999),
    epsilon: float(1e-6),
    normCoefficient: float(0),
    normCoefficientPost: float(0),
  },
  states: 2,
  update:
    ({ alpha, beta, epsilon, normCoefficient, normCoefficientPost }) =>
    (rate, count, [x, g, v, h]) => {
      const gradient = normCoefficient * (x as number) + (g as number);
      const mean = alpha * (v as number) + (1 - alpha) * gradient;
      const squares = beta * (h as number) + (1 - beta) * gradient * gradient;
      const step = count > 0 ? (rate * Math.sqrt(1 - beta ** count)) / (1 - alpha ** count) : rate;
      const moved = (x as number) - (step * mean) / (Math.sqrt(squares) + epsilon);
      return [(1 - normCoefficientPost) * moved, mean, squares];
    },
});
