import { choice } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Gelu: x·Φ(x), by erf or, with approximate="tanh", by its tanh approximation.
 * https://onnx.ai/onnx/operators/onnx__Gelu.html
 */
export const gelu = defineUnaryOp({
  type: "Gelu",
  since: [20],
  attributes: { approximate: choice("none", "tanh") },
  dtypes: FLOATS,
  kernel: ({ approximate }) => [approximate === "tanh" ? "geluTanh" : "gelu", 0, 0],
});
