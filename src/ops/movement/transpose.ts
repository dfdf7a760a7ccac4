import { rowMajorStrides } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, ints } from "../define.ts";
import { readStrided } from "./strided-copy.ts";

export interface PermAttribute {
  readonly perm: readonly number[] | undefined;
}

/** Transpose: output axis i is input axis perm[i]; by default all axes reversed. https://onnx.ai/onnx/operators/onnx__Transpose.html */
export const transpose = defineOp({
  type: "Transpose",
  since: [1, 13, 21, 23, 24, 25],
  inputs: ["data"],
  outputs: ["transposed"],
  attributes: { perm: ints() },

  // An empty perm stands for none: it reverses the axes.
  identity: ({ attributes: { perm }, inputs: [x] }) =>
    perm !== undefined && perm.length === x?.dims?.length && perm.every((axis, i) => axis === i),
  moves: true,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (dims === undefined) return [factOf(dtype, undefined)];
    const perm = permutation(context, dims.length);
    return [
      factOf(
        dtype,
        perm.map((axis) => dims[axis] as Dim),
      ),
    ];
  },

  evaluate(context) {
    const data = context.tensor(0);
    const perm = permutation(context, data.dims.length);
    const strides = rowMajorStrides(data.dims);
    const dims = perm.map((axis) => data.dims[axis] as number);
    return [
      readStrided(
        data,
        dims,
        0,
        perm.map((axis) => strides[axis] as number),
      ),
    ];
  },
});

/** The order of the axes in full. */
export function permutation(
  context: { attributes: PermAttribute; fail(message: string): never },
  rank: number,
): readonly number[] {
  const { perm } = context.attributes;
  if (perm === undefined || (perm.length === 0 && rank > 0))
    return Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const axes = perm.map((axis) => (axis < 0 ? axis + rank : axis));
  if (axes.length !== rank || axes.some((axis, i) => axis < 0 || axis >= rank || axes.indexOf(axis) !== i)) {
    context.fail(`perm [${perm}] is not an order of the ${rank} axes of the input`);
  }
  return axes;
}
