import { coalesce, type StridedCopy } from "../../ops/movement/strided-copy.ts";
import { type PermAttribute, permutation } from "../../ops/movement/transpose.ts";
import { elementCount } from "../../tensor.ts";
import { logicalStrides } from "../context.ts";
import { ROW_MAJOR } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { type Placed, placed } from "../site.ts";
import { copying, isFourByte, type Planned } from "./copying.ts";

function movement(node: Placed<PermAttribute>): StridedCopy {
  const [input, output] = [node.input(0), node.output()];
  const strides = logicalStrides(input);
  return {
    dims: output.dims,
    sourceStart: 0,
    sourceStrides: permutation(node, input.dims.length).map((axis) => strides[axis] as number),
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

/** Output bytes: what a Relayout would move, against which a Transpose that only relabels is free. */
const cost: Lowering["cost"] = (site) => 4 * elementCount(site.output().dims);

export const blocks: Lowering<PermAttribute, NonNullable<ReturnType<typeof matrixOf>>> = {
  name: "blocks",
  resolve: (site) => isFourByte(site.input(0)) && matrixOf(movement(placed(site, ROW_MAJOR))),
  cost,
  emit(context, { lds, ldd, rows, cols, batch, strideSource, strideTarget }) {
    if (batch * rows * cols === 0) return;
    const [source, target] = [context.at(context.input(0)), context.at(context.output())];
    context.call("x32_transpose", source, lds, target, ldd, rows, cols, batch, strideSource, strideTarget);
  },
};

export const strided: Lowering<PermAttribute, Planned<true>> = {
  ...copying<PermAttribute, true>(
    () => true,
    (node) => [{ ...movement(node), source: node.input(0), target: node.output() }],
    () => [ROW_MAJOR],
  ),
  cost,
};
