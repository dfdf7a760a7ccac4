import { binaryCode, unaryCode } from "../contract.ts";
import { follow } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { emitBinary } from "./binary.ts";
import { emitUnary, float32Operands } from "./rows.ts";

/** Silu of one half, times the other. */
export const swiGlu: Lowering<{ readonly alpha: number }, boolean> = {
  name: "f32_unary silu, f32_binary mul",
  resolve: float32Operands,
  layouts: follow,
  apart: () => true,
  inPlace: [0],
  rereads: true,
  emit(context) {
    const [a, b, y] = [context.input(0), context.input(1), context.output()];
    emitUnary(context, unaryCode.silu, context.attributes.alpha, 0, a, y);
    emitBinary(context, binaryCode.mul, y, b, y);
  },
};
