import { createData } from "../../dtype.ts";
import { mapDims, rowMajorStrides } from "../../graph/dims.ts";
import { sameDims } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { checkList } from "../elementwise/dtypes.ts";
import { axisOf, type Failing, listLength, scalarOf } from "../shared/axes.ts";
import { like, toNumberArray } from "../shared/elements.ts";
import { copyStrided, type StridedCopy } from "./strided-copy.ts";

/** Tile: the input repeated along each axis. Opset 1 names one axis and one count. https://onnx.ai/onnx/operators/onnx__Tile.html */
export const tile = defineOp({
  type: "Tile",
  since: [1, 6, 13],
  inputs: ["input", "repeats", "axis?"],
  attributes: {},
  identity: ({ inputs, outputs }) => sameDims(inputs[0], outputs[0]),

  infer(context) {
    if (context.opset >= 6) checkList(context, 1, "repeats");
    const facts = context.facts();
    const { dtype, dims } = facts.input;
    const repeats = facts.repeats.data;
    const axis = facts.axis?.data;
    if (dims === undefined) return [factOf(dtype, undefined)];
    const listed = context.opset >= 6 ? listLength(context, 1) : undefined;
    if (listed !== undefined && listed !== dims.length)
      context.fail(`repeats must have one count for each of ${dims.length} axes, has ${listed}`);
    if (repeats === undefined || (context.opset < 6 && axis === undefined)) {
      return [
        factOf(
          dtype,
          dims.map(() => "?"),
        ),
      ];
    }
    const single = axis && scalarOf(context, axis, "axis");
    const counts = repetitions(context, dims.length, toNumberArray(repeats), single);
    return [
      factOf(
        dtype,
        dims.map((size, i) =>
          counts[i] === 1 ? size : mapDims((length) => length * (counts[i] as number), size),
        ),
      ),
    ];
  },

  evaluate(context) {
    const { input, repeats, axis } = context.tensors();
    const single = axis && scalarOf(context, axis, "axis");
    const counts = repetitions(context, input.dims.length, toNumberArray(repeats), single);
    const dims = input.dims.map((size, axis) => size * (counts[axis] as number));
    const data = createData(input.dtype, elementCount(dims));
    copyStrided(
      input.data,
      data,
      repeated(input.dims, counts, rowMajorStrides(input.dims), rowMajorStrides(dims)),
    );
    return [like(input, dims, data)];
  },
});

function repetitions(
  context: Failing,
  rank: number,
  repeats: readonly number[],
  axis: number | undefined,
): readonly number[] {
  const counts =
    axis === undefined
      ? repeats
      : Array.from({ length: rank }, (_, i) =>
          i === axisOf(context, axis, rank) ? (repeats[0] as number) : 1,
        );
  if (counts.length !== rank)
    context.fail(`repeats [${repeats}] must have one count for each of ${rank} axes`);
  if (counts.some((count) => count < 0)) context.fail(`repeats [${repeats}] must not be negative`);
  return counts;
}

/** Each axis as two: the repetition, which reads the same elements again, and the axis itself. */
export function repeated(
  dims: readonly number[],
  counts: readonly number[],
  sourceStrides: readonly number[],
  targetStrides: readonly number[],
): StridedCopy {
  return {
    dims: dims.flatMap((size, axis) => [counts[axis] as number, size]),
    sourceStart: 0,
    sourceStrides: sourceStrides.flatMap((stride) => [0, stride]),
    targetStart: 0,
    targetStrides: targetStrides.flatMap((stride, axis) => [stride * (dims[axis] as number), stride]),
  };
}
