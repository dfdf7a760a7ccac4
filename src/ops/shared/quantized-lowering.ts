import type { Fact } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import type { Address, BufferRef } from "../kernel-arguments.ts";
import { i8ConvScratchBytes, type SpatialShape, sumCode } from "../kernel-contract.ts";
import type { LowerContext } from "../lowering.ts";
import type { QuantizeAttributes } from "./quantization.ts";

/** Whether the value is a tensor that the int8 kernels take. */
export const isEightBit = (fact: Fact | undefined): boolean =>
  fact?.container === undefined && (fact?.dtype === "int8" || fact?.dtype === "uint8");

/** Whether one float32 scale and one zero point (inputs 1 and 2) hold for the whole tensor. */
export const hasOneScale = (context: LowerContext<QuantizeAttributes>): boolean =>
  context.attributes.blockSize === 0 &&
  context.input(1).fact.dtype === "float32" &&
  [context.inputs[1], context.inputs[2]].every(
    (input) => input === undefined || elementCount(input.dims) === 1,
  );

/** One `i8_conv` of an integer operator: x is input 0, its zero point input 2, the result int32. */
export function emitSums(
  context: LowerContext<unknown>,
  shape: SpatialShape,
  x: Address,
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
    context.at(context.inputs[2]),
    weights,
    ...finish,
    scratch,
  );
}
