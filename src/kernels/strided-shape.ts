import type { StridedShape } from "./contract.ts";

/** The dims that a strided kernel walks at most. */
export const MAX_DIMS = 6;

type Six = StridedShape["dims"];

/** Aligned to the right, the others filled up. */
const six = (values: readonly number[], fill: number): Six =>
  [...new Array<number>(MAX_DIMS - values.length).fill(fill), ...values] as unknown as Six;

/** A walk over up to six dims, outermost first, with the strides of what is read and written; none are zeros. */
export const stridedShape = (
  dims: readonly number[],
  aStrides: readonly number[],
  bStrides: readonly number[],
  yStrides: readonly number[],
): StridedShape => ({
  dims: six(dims, 1),
  aStrides: six(aStrides, 0),
  bStrides: six(bStrides, 0),
  yStrides: six(yStrides, 0),
});
