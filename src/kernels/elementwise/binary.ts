import type { FusedActivation } from "../../graph/graph.ts";
import { alignSecond, type Box, collapse, legacyOf } from "../../ops/elementwise/broadcast.ts";
import { elementCount } from "../../tensor.ts";
import { activationArgs, type LowerContext, logicalStrides, type Operand, physicalAxes } from "../context.ts";
import { type BinaryCode, binaryCode, unaryCode } from "../contract.ts";
import { followLoosely } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { type Layouts, type Placed, placed, type Site } from "../site.ts";
import { MAX_DIMS, stridedShape } from "../strided-shape.ts";
import { emitUnary, float32Operands } from "./rows.ts";

/**
 * An operand's strides along the axes of a target: 0 where it is repeated. `dims` are its own, lined up with the target
 * from the right; they differ from the operand's only by sizes of 1 at the end (before opset 7).
 */
function stridesAlong(operand: Operand, dims: readonly number[], target: readonly number[]): number[] {
  const own = logicalStrides(operand);
  return target.map((_, axis) => {
    const at = axis - target.length + dims.length;
    return at < 0 || dims[at] === 1 ? 0 : (own[at] as number);
  });
}

/** The walk that `f32_binary` makes: output, a, b, in the order in which the output lies. */
export function binaryBox(a: Operand, b: Operand, y: Operand, bDims: readonly number[] = b.dims): Box {
  const axes = physicalAxes(y);
  const order = <T>(values: readonly T[]): T[] => axes.map((axis) => values[axis] as T);
  return collapse({
    dims: order(y.dims),
    strides: [
      order(logicalStrides(y)),
      order(stridesAlong(a, a.dims, y.dims)),
      order(stridesAlong(b, bDims, y.dims)),
    ],
  });
}

/** Whether the kernel has dims enough. */
export const fitsBinary = (box: Box): boolean => box.dims.length <= MAX_DIMS;

/** One `f32_binary`, an activation behind it; y may be a or b where that one is not repeated. */
export function emitBinary<A>(
  context: LowerContext<A>,
  code: BinaryCode,
  a: Operand,
  b: Operand,
  y: Operand,
  bDims: readonly number[] = b.dims,
  activation?: FusedActivation,
): void {
  if (elementCount(y.dims) === 0) return;
  const { dims, strides } = binaryBox(a, b, y, bDims);
  const [ySteps, aSteps, bSteps] = strides as readonly [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const shape = context.struct("StridedShape", stridedShape(dims, aSteps, bSteps, ySteps));
  const operands = [context.at(a), context.at(b), context.at(y)] as const;
  context.call("f32_binary", code, shape, ...operands, ...activationArgs(activation));
}

type Walk<A> = (
  node: Placed<A>,
) => readonly (readonly [a: Operand, b: Operand, y: Operand, bDims?: readonly number[]])[];

/** The layouts in which the kernel has dims enough for every walk. */
const walkable = <A>(site: Site<A>, walks: Walk<A>): readonly Layouts[] => {
  const among = followLoosely(site);
  if (site.output().dims.length <= MAX_DIMS) return among;
  return among.filter((layouts) =>
    walks(placed(site, layouts)).every((walk) => fitsBinary(binaryBox(...walk))),
  );
};

/** The second operand's dims, lined up as the node says, which before opset 7 need not be from the right. */
const second = (node: Site<object>): readonly number[] =>
  alignSecond(node, legacyOf(node.attributes), node.input(0).dims, node.input(1).dims);

const pair: Walk<object> = (node) => [[node.input(0), node.input(1), node.output(), second(node)]];

/** Two float32 operands through `f32_binary`. */
export const binary = (kind: keyof typeof binaryCode): Lowering<object, boolean> => ({
  name: "f32_binary",
  resolve: float32Operands,
  layouts: (site) => walkable(site, pair),
  apart: () => true,
  inPlace: [0, 1],
  emit(context) {
    const [a, b, y] = [context.input(0), context.input(1), context.output()];
    emitBinary(context, binaryCode[kind], a, b, y, second(context), context.node.activation);
  },
});

/** The first two, then each further one onto what there is. */
const pairs: Walk<unknown> = (node) => {
  const y = node.output();
  return node.inputs.slice(1).map((_, i) => [i === 0 ? node.input(0) : y, node.input(i + 1), y] as const);
};

/** One `f32_binary` for each input after the first; `mean` divides by how many there are. */
export const variadic = (kind: keyof typeof binaryCode, mean = false): Lowering<unknown, boolean> => ({
  name: "f32_binary, pair by pair",
  resolve: float32Operands,
  layouts: (site) => walkable(site, pairs),
  apart: () => true,
  inPlace: [0, 1],
  rereads: true,
  emit(context) {
    const y = context.output();
    for (const [a, b] of pairs(context)) emitBinary(context, binaryCode[kind], a, b, y);
    const count = context.inputs.length;
    if (count === 1) emitUnary(context, unaryCode.identity, 0, 0, context.input(0), y);
    else if (mean) emitUnary(context, unaryCode.affine, 1 / count, 0, y, y);
  },
});
