import type { Address, BufferRef } from "../arguments.ts";
import type { LowerContext, Operand } from "../context.ts";
import { i8ConvScratchBytes, type SpatialShape, sumCode } from "../contract.ts";

/** One `i8_conv` of an integer operator: x is (or is made of) input 0, the result int32. */
export function emitSums(
  context: LowerContext<unknown>,
  shape: SpatialShape,
  x: Address,
  xZero: Operand | undefined,
  weights: BufferRef,
  y: Address,
  depth: number,
): void {
  const signed = context.input(0).fact.dtype === "int8" ? 1 : 0;
  const finish = [0, 0, 0, 0, y, sumCode.int32, 0, 0, 0] as const;
  const scratch = context.scratch(i8ConvScratchBytes(depth) * context.parts);
  context.call(
    "i8_conv",
    context.struct("SpatialShape", shape),
    x,
    signed,
    context.at(xZero),
    weights,
    ...finish,
    scratch,
  );
}
