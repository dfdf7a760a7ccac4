import { float } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Silu: x·sigmoid(alpha·x), which a pass makes of Sigmoid and Mul.
 */
export const silu = defineUnaryOp({
  type: "Silu",
  domain: "lanewise",
  since: [1],
  attributes: { alpha: float(1) },
  dtypes: FLOATS,
  kernel: ({ alpha }) => ["silu", alpha, 0],
});
