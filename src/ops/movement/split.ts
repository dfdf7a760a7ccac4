import { allNumbers, normalizeAxis, rowMajorStrides, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, int, ints } from "../define.ts";
import { checkList } from "../elementwise/dtypes.ts";
import { axisOf, evaluatedList, type Failing, inferredList } from "../shared/axes.ts";
import { readStrided } from "./strided-copy.ts";

/** Split: the input cut into pieces along an axis. https://onnx.ai/onnx/operators/onnx__Split.html */
export const split = defineOp({
  type: "Split",
  since: [1, 2, 11, 13, 18],
  inputs: ["input", "split?"],
  outputs: ["outputs*"],
  attributes: { axis: int(0), split: ints(), numOutputs: int() },

  windows({ attributes, inputs: [x], outputs }) {
    if (x?.dims === undefined) return undefined;
    const axis = normalizeAxis(attributes.axis, x.dims.length);
    const sizes: readonly Dim[] = outputs.map((fact) => fact?.dims?.[axis] ?? "?");
    if (!allNumbers(sizes)) return undefined;
    const starts = [0];
    for (const size of sizes.slice(0, -1)) starts.push((starts.at(-1) as number) + size);
    return { axis, starts };
  },

  infer(context) {
    checkList(context, 1, "split");
    const { dtype, dims } = context.fact(0);
    const outputs = Array.from({ length: context.outputCount });
    if (dims === undefined) return outputs.map(() => factOf(dtype, undefined));
    const axis = axisOf(context, context.attributes.axis, dims.length);
    const list = inferredList(context, 1, context.attributes.split);
    const size = dims[axis] as Dim;
    const sizes =
      list.values === undefined && (list.present || typeof size !== "number")
        ? outputs.map(() => "?")
        : splitSizes(context, size, list.values);
    return sizes.map((length) =>
      factOf(
        dtype,
        dims.map((dim, at) => (at === axis ? length : dim)),
      ),
    );
  },

  evaluate(context) {
    const input = context.tensor(0);
    const axis = axisOf(context, context.attributes.axis, input.dims.length);
    const strides = rowMajorStrides(input.dims);
    const list = evaluatedList(context, 1, context.attributes.split);
    let start = 0;
    return splitSizes(context, input.dims[axis] as number, list).map((length) => {
      const dims = input.dims.map((dim, at) => (at === axis ? length : dim));
      const piece = readStrided(input, dims, start * (strides[axis] as number), strides);
      start += length;
      return piece;
    });
  },
});

function splitSizes(
  context: Failing & {
    readonly outputCount: number;
    readonly attributes: { readonly numOutputs: number | undefined };
  },
  size: Dim,
  sizes: readonly number[] | undefined,
): readonly number[] {
  const count = context.outputCount;
  if (sizes !== undefined && (sizes.length > 0 || count === 0)) {
    const total = sizes.reduce((a, b) => a + b, 0);
    if (sizes.length !== count) context.fail(`split has ${sizes.length} sizes for ${count} outputs`);
    if (sizes.some((length) => length < 0)) context.fail(`split [${sizes}] has a negative size`);
    if (typeof size === "number" && total !== size) {
      context.fail(`split [${sizes}] adds up to ${total}, the axis has ${showDims([size])}`);
    }
    return sizes;
  }
  const { numOutputs } = context.attributes;
  if (numOutputs !== undefined && numOutputs !== count) {
    context.fail(`num_outputs is ${numOutputs}, the node has ${count} outputs`);
  }
  const length = size as number;
  if (numOutputs === undefined && length % count !== 0) {
    context.fail(`cannot split ${length} into ${count} equal pieces`);
  }
  const chunk = Math.ceil(length / count);
  return Array.from({ length: count }, (_, i) => Math.max(0, Math.min(chunk, length - i * chunk)));
}
