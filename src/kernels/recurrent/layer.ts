import { isFloat32 } from "../../ops/define.ts";
import { directionsOf, RECURRENT, type RecurrentAttributes } from "../../ops/recurrent/recurrence.ts";
import type { Address, BufferRef } from "../arguments.ts";
import { isConstant, type LowerContext, type Operand } from "../context.ts";
import { gemmScratch, packedElements, packMatrix } from "../matrix/packing.ts";
import type { Site } from "../site.ts";
import { stridedShape } from "../strided-shape.ts";

/** A step takes a few kernel calls; longer sequences than this stay on the host. */
const MAX_STEPS = 1024;

/** The sizes of a layer. */
export interface LayerShape {
  readonly steps: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
  readonly gates: number;
  readonly directions: readonly ("forward" | "reverse")[];
}

/** An output that the node may leave out. */
export function outputAt<A>(context: LowerContext<A>, index: number): Operand | undefined {
  const name = context.node.outputs[index] ?? "";
  return name === "" ? undefined : context.outputs.find((operand) => operand.name === name);
}

/**
 * The layer's sizes, where the kernels compute it: float32, constant weights, default activations, whole sequences, time
 * first.
 */
export function layerOf<A extends RecurrentAttributes>(
  site: Site<A>,
  gates: number,
  defaultActivations: readonly string[],
): LayerShape | undefined {
  const operands = [...site.inputs, ...site.outputs];
  const { activations, clip, layout } = site.attributes;
  if (layout !== 0 || (clip !== undefined && clip > 0) || site.inputs[RECURRENT.sequence_lens] !== undefined)
    return undefined;
  if (!isFloat32(operands.map((operand) => operand?.fact))) return undefined;
  if (operands.some((operand) => operand?.dims.includes(0))) return undefined;
  // Weights, bias and peepholes are packed by direction.
  const constants = [RECURRENT.W, RECURRENT.R, RECURRENT.B, RECURRENT.P]
    .map((i) => site.inputs[i])
    .filter((operand) => operand !== undefined);
  if (!constants.every(isConstant)) return undefined;
  const [steps, batch, input] = site.input(RECURRENT.X).dims as [number, number, number];
  const hidden = site.input(RECURRENT.R).dims[2] as number;
  const directions = directionsOf(site);
  const defaults = directions.flatMap(() => defaultActivations);
  const own = activations?.length ? activations : defaults;
  const isDefault =
    own.length === defaults.length &&
    own.every((name, i) => name.toLowerCase() === defaults[i]?.toLowerCase());
  if (!isDefault || steps * directions.length > MAX_STEPS) return undefined;
  return { steps, batch, input, hidden, gates, directions };
}

/** Rows `from` to `from + n` of direction `d`'s weight [rows, k], packed for a product with its transpose. */
export function packedWeight<A>(
  context: LowerContext<A>,
  weight: Operand,
  d: number,
  from: number,
  n: number,
): BufferRef {
  const [, rows, k] = weight.dims as [number, number, number];
  const view = { offset: (d * rows + from) * k, rowStride: 1, columnStride: k };
  return context.packed(
    weight,
    `recurrent ${d} ${from} ${n}`,
    Float32Array,
    packedElements(k, n),
    (source, target) => packMatrix(source.data as Float32Array, view, k, n, target),
  );
}

/** Direction `d`'s bias as the kernels add it: `combine` picks Wb[row] and Rb[row]; 0 without a bias. */
export function packedBias<A>(
  context: LowerContext<A>,
  key: string,
  d: number,
  rows: number,
  combine: (w: number, r: number) => number,
): Address {
  const bias = context.inputs[RECURRENT.B];
  if (bias === undefined) return 0;
  return context.packed(bias, `recurrent ${key} ${d}`, Float32Array, rows, (source, target) => {
    const values = source.data as Float32Array;
    for (let i = 0; i < rows; i++) {
      target[i] = combine(values[d * 2 * rows + i] as number, values[(d * 2 + 1) * rows + i] as number);
    }
  });
}

/** X·Wᵀ + bias for all steps at once: [steps, batch, gates·hidden] in scratch. */
export function projectInputs<A>(
  context: LowerContext<A>,
  shape: LayerShape,
  d: number,
  bias: Address,
): BufferRef {
  const { steps, batch, input, hidden, gates } = shape;
  const rows = gates * hidden;
  const target = context.scratch(steps * batch * rows * 4);
  const w = packedWeight(context, context.input(RECURRENT.W), d, 0, rows);
  const x = context.at(context.input(RECURRENT.X));
  const scratch = gemmScratch(context, rows);
  context.call(
    "f32_gemm",
    x,
    input,
    w,
    target,
    rows,
    steps * batch,
    rows,
    input,
    bias,
    0,
    0,
    0,
    0,
    0,
    scratch,
  );
  return target;
}

/** Copies `count` elements of four bytes. */
export function copyElements<A>(context: LowerContext<A>, from: Address, to: Address, count: number): void {
  const shape = context.struct("StridedShape", stridedShape([count], [1], [], [1]));
  context.call("x32_copy", shape, from, to);
}

/** Direction `d`'s initial state into `target`: the given one, or zeros. */
export function initialState<A>(
  context: LowerContext<A>,
  index: number,
  d: number,
  count: number,
  target: Address,
): void {
  const given = context.inputs[index];
  if (given === undefined) context.call("x32_fill", target, 0, count);
  else copyElements(context, context.at(given, d * count), target, count);
}

/** The time of each step in the direction's order. */
export const timesOf = ({ steps }: LayerShape, direction: "forward" | "reverse"): number[] =>
  Array.from({ length: steps }, (_, s) => (direction === "forward" ? s : steps - 1 - s));
