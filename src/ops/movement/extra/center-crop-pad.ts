import { mapDims, normalizeAxis } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { defineOp, factOf, ints } from "../../define.ts";
import { checkList } from "../../elementwise/dtypes.ts";
import { listLength } from "../../shared/axes.ts";
import { toNumberArray } from "../../shared/elements.ts";
import { padTensor } from "../padding.ts";

/** Where the input begins in the output of each axis; negative where it is cropped. */
export const centred = (dims: readonly number[], target: readonly number[]): number[] =>
  dims.map((size, axis) => {
    const grows = (target[axis] as number) - size;
    return grows >= 0 ? Math.floor(grows / 2) : -Math.floor(-grows / 2);
  });

/**
 * CenterCropPad: crops or pads with zeros, around the middle, to a shape.
 * https://onnx.ai/onnx/operators/onnx__CenterCropPad.html
 */
export const centerCropPad = defineOp({
  type: "CenterCropPad",
  since: [18],
  inputs: ["input", "shape"],
  attributes: { axes: ints() },

  infer(context) {
    checkList(context, 1, "shape");
    const { dtype, dims } = context.fact(0);
    if (dims === undefined) return [factOf(dtype, undefined)];
    const rank = dims.length;
    const axes = (context.attributes.axes ?? dims.map((_, axis) => axis)).map((axis) =>
      normalizeAxis(axis, rank),
    );
    if (axes.some((axis) => axis < 0 || axis >= rank)) {
      context.fail(`axes [${context.attributes.axes}] are outside an input of rank ${rank}`);
    }
    const given = context.data(1);
    const shape = given && toNumberArray(given);
    const length = listLength(context, 1);
    if (length !== undefined && length !== axes.length)
      context.fail(`shape needs ${axes.length} sizes, got ${length}`);
    const result: Dim[] = [...dims];
    for (const [i, axis] of axes.entries()) result[axis] = mapDims((size) => size, shape?.[i] ?? "?");
    return [factOf(dtype, result)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const rank = x.dims.length;
    const axes = (context.attributes.axes ?? x.dims.map((_, axis) => axis)).map((axis) =>
      normalizeAxis(axis, rank),
    );
    const shape = toNumberArray(context.tensor(1));
    if (shape.length !== axes.length) context.fail(`shape needs ${axes.length} sizes, got [${shape}]`);
    const dims = [...x.dims];
    for (const [i, axis] of axes.entries()) dims[axis] = shape[i] as number;
    return [padTensor(x, centred(x.dims, dims), dims, "constant", undefined)];
  },
});
