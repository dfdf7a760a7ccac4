import { elementCount } from "../../tensor.ts";
import { asFloat } from "../kernel-arguments.ts";
import type { UnaryCode } from "../kernel-contract.ts";
import type { LowerContext, Operand } from "../lowering.ts";

const isFloat32Operand = (operand: Operand | undefined): boolean =>
  operand === undefined || (operand.fact.container === undefined && operand.fact.dtype === "float32");

/** Whether every operand is a float32 tensor. */
export const float32Operands = <A>(context: LowerContext<A>): boolean =>
  context.inputs.every(isFloat32Operand) && context.outputs.every(isFloat32Operand);

/** Whether two operands of the same dims lie alike, so that one kernel can run over both (pixel strides may differ). */
export const sameLayout = (x: Operand, y: Operand): boolean =>
  x.layout === y.layout &&
  x.dims.length === y.dims.length &&
  x.dims.every((dim, axis) => dim === y.dims[axis]);

/** Whether the operand begins where the other does: in-place planning and views let them share bytes. */
export function sameBytes<A>(context: LowerContext<A>, a: Operand, b: Operand): boolean {
  if (a.fact.data !== undefined || b.fact.data !== undefined) return false;
  const [x, y] = [context.at(a), context.at(b)];
  return (
    typeof x === "object" && typeof y === "object" && x.buffer === y.buffer && x.offsetBytes === y.offsetBytes
  );
}

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
  code: UnaryCode,
  alpha: number,
  beta: number,
  x: Operand,
  y: Operand,
): void {
  const [rows, cols, ldx, ldy] = pairedRows(x, y);
  if (rows > 0)
    context.call(
      "f32_unary",
      code,
      asFloat(alpha),
      asFloat(beta),
      context.at(x),
      ldx,
      context.at(y),
      ldy,
      rows,
      cols,
    );
}
