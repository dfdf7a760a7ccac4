import type { LowerContext, Operand } from "../lowering.ts";
import { elementCount } from "../../tensor.ts";

const isFloat32Operand = (operand: Operand | undefined): boolean =>
  operand === undefined || (operand.fact.container === undefined && operand.fact.dtype === "float32");

/** Whether every operand is a float32 tensor. */
export const float32Operands = <A>(context: LowerContext<A>): boolean =>
  context.inputs.every(isFloat32Operand) && context.outputs.every(isFloat32Operand);

/**
 * `[rows, columns, ldx, ldy]` of two operands of the same dims and layout seen as matrices: one run where neither has
 * gaps, else pixels × channels.
 */
export function pairedRows(x: Operand, y: Operand): [number, number, number, number] {
  const count = elementCount(x.dims);
  const channels = x.layout === "rowMajor" ? count : (x.dims[1] as number);
  if (count === 0) return [0, 0, 0, 0];
  if (x.layout === "rowMajor" || (x.pixelStride === channels && y.pixelStride === channels)) {
    return [1, count, count, count];
  }
  return [count / channels, channels, x.pixelStride, y.pixelStride];
}

/** One `f32_unary`; x may be y. */
export function emitUnary<A>(
  context: LowerContext<A>,
  code: number,
  alpha: number,
  beta: number,
  x: Operand,
  y: Operand,
): void {
  const [rows, cols, ldx, ldy] = pairedRows(x, y);
  if (rows > 0) context.call("f32_unary", code, alpha, beta, context.at(x), ldx, context.at(y), ldy, rows, cols);
}
