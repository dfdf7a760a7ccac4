import { allNumbers, dimProduct } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, ints } from "../define.ts";
import { checkList } from "../elementwise/dtypes.ts";
import { like, toNumberArray } from "../shared/elements.ts";

/** Reshape: the same elements under other dims; 0 copies a size (unless allowzero), -1 takes what is left. */
export const reshape = defineOp({
  type: "Reshape",
  since: [1, 5, 13, 14, 19, 21, 23, 24, 25],
  inputs: ["data", "shape?"],
  attributes: { allowzero: int(0), shape: ints() },
  view: true,
  moves: true,

  infer(context) {
    checkList(context, 1, "shape");
    const data = context.fact(0);
    const shape =
      context.opset < 5
        ? context.attributes.shape
        : context.data(1) && toNumberArray(context.data(1) as never);
    if (shape === undefined) return [factOf(data.dtype, undefined)];
    const dims = targetDims(context, data.dims, shape);
    return [factOf(data.dtype, dims)];
  },

  evaluate(context) {
    const data = context.tensor(0);
    const shape = context.opset < 5 ? (context.attributes.shape ?? []) : toNumberArray(context.tensor(1));
    const dims = targetDims(context, data.dims, shape) as number[];
    return [like(data, dims, data.data)];
  },
});

function targetDims(
  context: { attributes: { allowzero: number }; fail(message: string): never },
  dims: readonly Dim[] | undefined,
  shape: readonly number[],
): Dim[] | undefined {
  if (shape.filter((size) => size === -1).length > 1) context.fail(`shape [${shape}] has more than one -1`);
  if (shape.some((size) => size < -1)) context.fail(`shape [${shape}] has a size below -1`);
  const target: Dim[] = [];
  for (const [axis, size] of shape.entries()) {
    if (size !== 0 || context.attributes.allowzero !== 0) target.push(size);
    else if (dims === undefined) target.push("?");
    else if (axis < dims.length) target.push(dims[axis] as Dim);
    else context.fail(`shape [${shape}] copies dim ${axis} of an input of rank ${dims.length}`);
  }
  const wild = target.indexOf(-1);
  if (dims === undefined || !allNumbers(dims) || !allNumbers(target)) {
    if (wild >= 0) target[wild] = "?";
    return target;
  }
  const count = dimProduct(dims) as number;
  if (wild >= 0) {
    const rest = elementCount(target.filter((_, axis) => axis !== wild) as number[]);
    if (rest === 0 ? count !== 0 : count % rest !== 0) {
      context.fail(`cannot reshape [${dims}] (${count} elements) to [${shape}]`);
    }
    target[wild] = rest === 0 ? 0 : count / rest;
  } else if (elementCount(target) !== count) {
    context.fail(`cannot reshape [${dims}] (${count} elements) to [${shape}]`);
  }
  return target;
}
