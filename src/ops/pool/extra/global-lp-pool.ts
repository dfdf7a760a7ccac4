import { int } from "../../define.ts";
import { defineGlobalPoolOp } from "../global-pooling.ts";

/**
 * GlobalLpPool: the p-norm of every plane.
 * https://onnx.ai/onnx/operators/onnx__GlobalLpPool.html
 */
export const globalLpPool = defineGlobalPoolOp({
  type: "GlobalLpPool",
  since: [1, 2, 22],
  attributes: { p: int(2) },
  reduce:
    ({ p }) =>
    (x, start, end) => {
      let sum = 0;
      for (let i = start; i < end; i++) sum += Math.abs(x[i] as number) ** p;
      return sum ** (1 / p);
    },
});
