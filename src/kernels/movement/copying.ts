import { dtypeInfo } from "../../dtype.ts";
import type { LowerContext, Operand } from "../../ops/lowering.ts";
import { coalesce, type StridedCopy } from "../../ops/shared/movement.ts";
import { follow } from "../layouts.ts";
import { type Known, type Layouts, type Lowering, type Placed, placed, type Site } from "../lowering.ts";
import { MAX_DIMS, stridedShape } from "../strided-shape.ts";

/** A movement between two operands of a node. */
export interface OperandCopy extends StridedCopy {
  readonly source: Operand;
  readonly target: Operand;
}

/** Whether the elements are of four bytes, which the x32 kernels move. */
export const isFourByte = ({ fact }: Known): boolean => dtypeInfo[fact.dtype].bytes === 4;

/** Whether the elements are of one byte, which the x8 kernels move. */
const isOneByte = ({ fact }: Known): boolean => dtypeInfo[fact.dtype].bytes === 1;

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

/**
 * A lowering to copy kernels. `plan` says what `R` a node's movements follow from, `movements` what they are for operands
 * that lie in some way; `among` are the layouts to try.
 */
export const copying = <A, R>(
  plan: (site: Site<A>) => R | undefined,
  movements: (node: Placed<A>, planned: R) => readonly OperandCopy[],
  among: (site: Site<A>) => readonly Layouts[] = follow,
): Lowering<A, R> => {
  const fitting = (site: Site<A>, planned: R): readonly Layouts[] =>
    among(site).filter((layouts) => movements(placed(site, layouts), planned).every(fits));
  return {
    name: "copy",
    resolve(site) {
      const planned = plan(site);
      return planned !== undefined && fitting(site, planned).length > 0 ? planned : undefined;
    },
    layouts: fitting,
    apart: (site, planned, layouts) => movements(placed(site, layouts, 1), planned).every(fits),
    emit(context, planned) {
      for (const copy of movements(context, planned)) emitCopy(context, copy);
    },
  };
};
