import { fromNumbers } from "../../ops/shared/elements.ts";
import { elementCount } from "../../tensor.ts";
import { algebra } from "./algebra.ts";
import type { GradientContext } from "./define.ts";

/**
 * The gradient of y = M·x along an axis, M[output, input] row-major: Mᵀ·dy along that axis, as products of matrices.
 */
export function transposedAlong(
  context: GradientContext,
  dy: string,
  axis: number,
  matrix: Float64Array,
  input: number,
): string {
  const a = algebra(context);
  const dims = context.dims(dy);
  const output = dims[axis] as number;
  const outer = elementCount(dims.slice(0, axis));
  const inner = elementCount(dims.slice(axis + 1));
  const to = dims.map((size, at) => (at === axis ? input : size));
  const m = context.tensor(fromNumbers(context.dtype(dy), [output, input], matrix));
  if (inner === 1) return a.reshape(context.emit("MatMul", [a.reshape(dy, [outer, output]), m]), to);
  const turned = context.emit("Transpose", [m], { perm: [1, 0] });
  return a.reshape(context.emit("MatMul", [turned, a.reshape(dy, [outer, output, inner])]), to);
}
