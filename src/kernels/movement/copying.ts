import { dtypeInfo } from "../../dtype.ts";
import { coalesce, type StridedCopy } from "../../ops/movement/strided-copy.ts";
import type { LowerContext, Operand } from "../context.ts";
import { followLoosely, ROW_MAJOR } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { type Known, type Layouts, type Placed, placed, type Site } from "../site.ts";
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

/** Whether the copy kernels know elements of this size. */
const isMovable = ({ source, target }: OperandCopy): boolean =>
  (isFourByte(source) && isFourByte(target)) || (isOneByte(source) && isOneByte(target));

/** Whether a copy kernel has dims enough once neighbours are merged. */
const fits = (copy: OperandCopy): boolean => coalesce(copy).dims.length <= MAX_DIMS;

/** One `x32_copy` or `x8_copy`. Both pointers are moved to the first element, so the strides alone describe the rest. */
export function emitCopy<A>(context: LowerContext<A>, copy: OperandCopy): void {
  if (copy.dims.includes(0)) return;
  const { dims, sourceStrides, targetStrides, sourceStart, targetStart } = coalesce(copy);
  const shape = context.struct("StridedShape", stridedShape(dims, sourceStrides, [], targetStrides));
  const kernel = isOneByte(copy.source) ? "x8_copy" : "x32_copy";
  context.call(kernel, shape, context.at(copy.source, sourceStart), context.at(copy.target, targetStart));
}

/** What a node's movements follow from, and whether they have few enough dims however operands lie. */
export interface Planned<R> {
  readonly plan: R;
  readonly always: boolean;
}

/**
 * A lowering to copy kernels. `plan` says what `R` a node's movements follow from, `movements` what they are for operands
 * that lie in some way; `among` are the layouts to try.
 */
export const copying = <A, R>(
  plan: (site: Site<A>) => R | undefined,
  movements: (node: Placed<A>, planned: R) => readonly OperandCopy[],
  among: (site: Site<A>) => readonly Layouts[] = followLoosely,
): Lowering<A, Planned<R>> => ({
  name: "copy",
  resolve(site) {
    const planned = plan(site);
    if (planned === undefined) return undefined;
    const copies = movements(placed(site, ROW_MAJOR), planned);
    const always = copies.every(({ dims }) => dims.length <= MAX_DIMS);
    return copies.every(isMovable) && { plan: planned, always };
  },
  layouts: (site, { plan, always }) =>
    always
      ? among(site)
      : among(site).filter((layouts) => movements(placed(site, layouts), plan).every(fits)),
  apart: (site, { plan, always }, layouts) => always || movements(placed(site, layouts, 1), plan).every(fits),
  emit(context, { plan }) {
    for (const copy of movements(context, plan)) emitCopy(context, copy);
  },
});
