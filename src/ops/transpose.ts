import { rowMajorStrides } from "../graph/dims.ts";
import type { Dim } from "../graph/graph.ts";
import { defineOp, factOf, ints } from "./define.ts";
import { type LowerContext, logicalStrides } from "./lowering.ts";
import { copyLowering, isFourByte } from "./shared/copying.ts";
import { coalesce, readStrided, type StridedCopy } from "./shared/movement.ts";

interface PermAttribute {
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

  lower: [
    {
      name: "blocks",
      when: (context) => isFourByte(context.input(0)) && matrixOf(movement(context)) !== undefined,
      lower(context) {
        const matrix = matrixOf(movement(context));
        if (matrix === undefined || matrix.batch * matrix.rows * matrix.cols === 0) return;
        const { lds, ldd, rows, cols, batch, strideSource, strideTarget } = matrix;
        const source = context.at(context.input(0));
        const target = context.at(context.output());
        context.call(
          "x32_transpose",
          source,
          lds,
          target,
          ldd,
          rows,
          cols,
          batch,
          strideSource,
          strideTarget,
        );
      },
    },
    copyLowering("strided", (context: LowerContext<PermAttribute>) => [
      { ...movement(context), source: context.input(0), target: context.output() },
    ]),
  ],
});

function permutation(
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

function movement(context: LowerContext<PermAttribute>): StridedCopy {
  const input = context.input(0);
  const output = context.output();
  const strides = logicalStrides(input);
  const perm = permutation(context, input.dims.length);
  return {
    dims: output.dims,
    sourceStart: 0,
    sourceStrides: perm.map((axis) => strides[axis] as number),
    targetStart: 0,
    targetStrides: logicalStrides(output),
  };
}

/** The movement as a batch of matrices to transpose, if it is one. */
function matrixOf(copy: StridedCopy) {
  const { dims, sourceStrides, targetStrides } = coalesce(copy);
  if (dims.length !== 2 && dims.length !== 3) return undefined;
  const [cols, rows] = dims.slice(-2) as [number, number];
  const [fromCol, lds] = sourceStrides.slice(-2) as [number, number];
  const [ldd, toRow] = targetStrides.slice(-2) as [number, number];
  if (fromCol !== 1 || toRow !== 1 || lds < cols || ldd < rows) return undefined;
  const batched = dims.length === 3;
  return {
    lds,
    ldd,
    rows,
    cols,
    batch: batched ? (dims[0] as number) : 1,
    strideSource: batched ? (sourceStrides[0] as number) : 0,
    strideTarget: batched ? (targetStrides[0] as number) : 0,
  };
}
