// Kernels that run over one operand, or two that lie alike, element by element.

import { elementCount } from "../../tensor.ts";
import { asFloat } from "../arguments.ts";
import type { LowerContext, Operand } from "../context.ts";
import type { UnaryCode } from "../contract.ts";
import type { Known, Site } from "../site.ts";

const isFloat32 = (value: Known | undefined): boolean =>
  value === undefined || value.fact.dtype === "float32";

/** Whether every operand is a float32 tensor. */
export const float32Operands = ({ inputs, outputs }: Pick<Site, "inputs" | "outputs">): boolean =>
  inputs.every(isFloat32) && outputs.every(isFloat32);

/** Whether two operands have the same dims. */
export const sameSizes = (x: Known, y: Known): boolean => x.dims.join() === y.dims.join();

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
