import { dtypeInfo } from "../../dtype.ts";
import type { Lowering } from "../define.ts";
import type { LowerContext, Operand } from "../lowering.ts";
import { coalesce, type StridedCopy } from "./movement.ts";
import { MAX_DIMS, stridedShape } from "./strided-shape.ts";

/** A movement between two operands of a lowering. */
export interface OperandCopy extends StridedCopy {
  readonly source: Operand;
  readonly target: Operand;
}

/** Whether the elements are of four bytes, which the x32 kernels move. */
export const isFourByte = (operand: Operand): boolean =>
  operand.fact.container === undefined && dtypeInfo[operand.fact.dtype].bytes === 4;

/** Whether the elements are of one byte, which the x8 kernels move. */
const isOneByte = (operand: Operand): boolean =>
  operand.fact.container === undefined && dtypeInfo[operand.fact.dtype].bytes === 1;

/** Whether a copy kernel can do the movement: elements of four bytes or one, at most six dims once neighbours are merged. */
const fits = ({ source, target, ...copy }: OperandCopy): boolean =>
  ((isFourByte(source) && isFourByte(target)) || (isOneByte(source) && isOneByte(target))) &&
  coalesce(copy).dims.length <= MAX_DIMS;

/** One `x32_copy` or `x8_copy`. Both pointers are moved to the first element, so the strides alone describe the rest. */
export function emitCopy<A>(context: LowerContext<A>, copy: OperandCopy): void {
  if (copy.dims.includes(0)) return;
  const { dims, sourceStrides, targetStrides, sourceStart, targetStart } = coalesce(copy);
  const shape = context.struct("StridedShape", stridedShape(dims, sourceStrides, [], targetStrides));
  const kernel = isOneByte(copy.source) ? "x8_copy" : "x32_copy";
  context.call(kernel, shape, context.at(copy.source, sourceStart), context.at(copy.target, targetStart));
}

/** A lowering to copy kernels; `plan` gives undefined where the movement is not known while planning. */
export const copyLowering = <A>(
  name: string,
  plan: (context: LowerContext<A>) => readonly OperandCopy[] | undefined,
): Lowering<A> => ({
  name,
  when: (context) => plan(context)?.every(fits) ?? false,
  lower(context) {
    for (const copy of plan(context) ?? []) emitCopy(context, copy);
  },
});
