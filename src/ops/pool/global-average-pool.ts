import { defineGlobalPoolOp } from "./global-pooling.ts";

/**
 * GlobalAveragePool: the mean of every plane.
 * https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html
 */
export const globalAveragePool = defineGlobalPoolOp({
  type: "GlobalAveragePool",
  since: [1, 22],
  attributes: {},
  reduce: () => (x, start, end) => {
    let sum = 0;
    for (let i = start; i < end; i++) sum += x[i] as number;
    return sum / (end - start);
  },
});
