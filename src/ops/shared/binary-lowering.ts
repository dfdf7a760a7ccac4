import type { FusedActivation } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import type { BinaryCode } from "../kernel-contract.ts";
import {
  activationArgs,
  type LowerContext,
  logicalStrides,
  type Operand,
  physicalAxes,
} from "../lowering.ts";
import { type Box, collapse } from "./broadcast.ts";
import { MAX_DIMS, stridedShape } from "./strided-shape.ts";

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
