import { createData } from "../dtype.ts";
import { rowMajorStrides } from "../graph/dims.ts";
import { elementCount } from "../tensor.ts";
import { defineOp, factOf, int } from "./define.ts";
import { type LowerContext, logicalStrides, type Operand } from "./lowering.ts";
import { axisOf } from "./shared/axes.ts";
import { copyLowering } from "./shared/copying.ts";
import { like } from "./shared/elements.ts";
import { checkWhole } from "./shared/elementwise.ts";
import { checkedIndices, runsOf } from "./shared/gathering.ts";
import { copyRun } from "./shared/movement.ts";

/** Gather: slices of an axis picked by an index tensor. https://onnx.ai/onnx/operators/onnx__Gather.html */
export const gather = defineOp({
  type: "Gather",
  since: [1, 11, 13],
  inputs: ["data", "indices"],
  attributes: { axis: int(0) },
  layout: ({ inputs, outputs }) =>
    inputs[0]?.dims?.length === outputs[0]?.dims?.length ? "follow" : "rowMajor",
  strided: true,

  infer(context) {
    checkWhole(context, 1, "indices");
    const { dtype, dims } = context.fact(0);
    const indices = context.dims(1);
    if (dims === undefined || indices === undefined) return [factOf(dtype, undefined)];
    const axis = axisOf(context, context.attributes.axis, dims.length);
    return [factOf(dtype, [...dims.slice(0, axis), ...indices, ...dims.slice(axis + 1)])];
  },

  evaluate(context) {
    const source = context.tensor(0);
    const indices = context.tensor(1);
    const axis = axisOf(context, context.attributes.axis, source.dims.length);
    const size = source.dims[axis] as number;
    const outer = elementCount(source.dims.slice(0, axis));
    const inner = elementCount(source.dims.slice(axis + 1));
    const dims = [...source.dims.slice(0, axis), ...indices.dims, ...source.dims.slice(axis + 1)];
    const data = createData(source.dtype, elementCount(dims));
    const picks = checkedIndices(context, indices, size);
    let to = 0;
    for (let row = 0; row < outer; row++) {
      for (let i = 0; i < picks.length; i++) {
        copyRun(source.data, (row * size + (picks[i] as number)) * inner, data, to, inner);
        to += inner;
      }
    }
    return [like(source, dims, data)];
  },

  lower: [
    copyLowering("runs", (context: LowerContext<{ readonly axis: number }>) => {
      const source = context.input(0);
      const target = context.output();
      const indices = context.input(1);
      const axis =
        context.attributes.axis < 0 ? context.attributes.axis + source.dims.length : context.attributes.axis;
      const picks = constantPicks(indices, source.dims[axis] as number);
      const runs = picks && runsOf(picks);
      if (runs === undefined || runs.length > MAX_RUNS) return undefined;
      const sourceStrides = logicalStrides(source);
      const targetStrides = logicalStrides(target);
      const step = sourceStrides[axis] as number;
      // Index axes lie next to each other in the output, also channels-last (then there is one): the last has the stride.
      const rank = indices.dims.length;
      const stride = rank === 0 ? 0 : (targetStrides[axis + rank - 1] as number);
      const without = (list: readonly number[], count: number) => [
        ...list.slice(0, axis),
        ...list.slice(axis + count),
      ];
      return runs.map((run) => ({
        source,
        target,
        dims: [...without(source.dims, 1), ...run.dims],
        sourceStart: run.start * step,
        sourceStrides: [...without(sourceStrides, 1), ...run.steps.map((by) => by * step)],
        targetStart: run.at * stride,
        targetStrides: [
          ...without(targetStrides, rank),
          ...rowMajorStrides(run.dims).map((by) => by * stride),
        ],
      }));
    }),
  ],
});

/** More copies than this for one Gather are left to the host. */
const MAX_RUNS = 32;

/** The indices, counted from the front, where they are known while planning and in range. */
function constantPicks(indices: Operand, size: number): Float64Array | undefined {
  const { data } = indices.fact;
  if (data === undefined || data.dtype === "string") return undefined;
  const picks = Float64Array.from(data.data as Int32Array, (index) => {
    const at = Number(index);
    return at < 0 ? at + size : at;
  });
  return picks.every((at) => at >= 0 && at < size) ? picks : undefined;
}
