import { defineGlobalPoolOp } from "./global-pooling.ts";

/**
 * GlobalMaxPool: the largest element of every plane.
 * https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html
 */
export const globalMaxPool = defineGlobalPoolOp({
  type: "GlobalMaxPool",
  since: [1, 22],
  attributes: {},
  reduce: () => (x, start, end) => {
    let best = -Infinity;
    for (let i = start; i < end; i++) best = Math.max(best, x[i] as number);
    return best;
  },
});
