import type { Fact } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import {
  type AttributesOf,
  defineOp,
  factOf,
  int,
  ints,
  isFloat32,
  type Lowering,
  type Op,
} from "../define.ts";
import type { Address } from "../kernel-arguments.ts";
import { reduceCode } from "../kernel-contract.ts";
import { type LowerContext, type Operand, physicalAxes } from "../lowering.ts";
import { toNumberArray } from "./elements.ts";
import { BOOL, checkDType, checkList, NUMBERS } from "./elementwise.ts";
import { type ReductionKind, reducedDims, reducers, reduceTensor, resolveAxes } from "./reduction.ts";

const attributes = { axes: ints(), keepdims: int(1), noopWithEmptyAxes: int(0) };
type Attributes = AttributesOf<typeof attributes>;

/** The kind of the passes before the last one when axes that do not lie together are reduced one run at a time. */
const firstPass: Record<ReductionKind, ReductionKind> = {
  sum: "sum",
  mean: "mean",
  max: "max",
  min: "min",
  prod: "prod",
  l1: "l1",
  l2: "l2",
  sumSquare: "sumSquare",
  logSum: "sum",
  logSumExp: "logSumExp",
};

/** The kind of the last of several passes. */
const lastPass: Record<ReductionKind, ReductionKind> = {
  ...firstPass,
  l1: "sum",
  sumSquare: "sum",
  logSum: "logSum",
};

interface AxesContext {
  readonly attributes: Attributes;
  readonly node: { readonly inputs: readonly string[] };
  fail(message: string): never;
}

/** The reduced axes of a tensor of `rank`; undefined while the axes input is not known. */
function axesOf(context: AxesContext, input: TensorData | undefined, rank: number): number[] | undefined {
  const given = (context.node.inputs[1] ?? "") !== "";
  if (given && input === undefined) return undefined;
  const axes = input === undefined ? context.attributes.axes : toNumberArray(input);
  if (axes !== undefined && axes.length > 0) return resolveAxes(context, axes, rank);
  return context.attributes.noopWithEmptyAxes === 0 ? Array.from({ length: rank }, (_, axis) => axis) : [];
}

/** A stretch of neighbouring axes in memory, all reduced or none. */
interface Run {
  readonly size: number;
  readonly reduced: boolean;
}

/** The operand's bytes as runs, outermost first; axes of size 1 belong to neither side. */
function runsOf(operand: Operand, axes: readonly number[]): Run[] {
  const runs: { size: number; reduced: boolean }[] = [];
  for (const axis of physicalAxes(operand)) {
    const size = operand.dims[axis] as number;
    if (size === 1) continue;
    const reduced = axes.includes(axis);
    const last = runs.at(-1);
    if (last?.reduced === reduced) last.size *= size;
    else runs.push({ size, reduced });
  }
  if (!runs.some((run) => run.reduced)) runs.push({ size: 1, reduced: true });
  return runs;
}

const countOf = (runs: readonly Run[]): number => elementCount(runs.map(({ size }) => size));

/** One `f32_reduce` for each reduced run, the innermost first, through scratch in between. */
function lowerReduction(
  context: LowerContext<Attributes>,
  kind: ReductionKind,
  axes: readonly number[],
): void {
  let runs = runsOf(context.input(0), axes);
  const passes = runs.filter(({ reduced }) => reduced).length;
  let from: Address = context.at(context.input(0));
  for (let pass = 1; pass <= passes; pass++) {
    const at = runs.findLastIndex(({ reduced }) => reduced);
    const { size } = runs[at] as Run;
    const [before, behind] = [runs.slice(0, at), runs.slice(at + 1)];
    const last = pass === passes;
    const rest = [...before, ...behind];
    const to = last ? context.at(context.output()) : context.scratch(countOf(rest) * 4);
    const chosen = passes === 1 ? kind : (last ? lastPass : firstPass)[kind];
    context.call("f32_reduce", reduceCode[chosen], from, to, countOf(before), size, countOf(behind));
    from = to;
    runs = rest;
  }
}

const reduceLowering = (kind: ReductionKind): Lowering<Attributes> => {
  const axes = (context: LowerContext<Attributes>): number[] | undefined =>
    axesOf(context, context.inputs[1]?.fact.data, context.input(0).dims.length);
  return {
    name: "reduce",
    when(context) {
      const [x, y] = [context.input(0), context.output()];
      if (!isFloat32([x.fact]) || x.fact.dtype !== "float32") return false;
      if ([...x.dims, ...y.dims].includes(0)) return false;
      if (
        x.layout === "channelsLast" &&
        (x.layout !== y.layout || x.pixelStride !== x.dims[1] || y.pixelStride !== y.dims[1])
      ) {
        return false;
      }
      return axes(context) !== undefined;
    },
    lower: (context) => lowerReduction(context, kind, axes(context) as number[]),
  };
};

/** A Reduce… operator; `axes` moved from the attributes to input 1 in opset 18 (ReduceSum: 13). */
export function defineReductionOp(type: string, kind: ReductionKind, since: readonly number[]): Op {
  return defineOp({
    type,
    since,
    inputs: ["data", "axes?"],
    attributes,
    layout: ({ attributes: { keepdims } }) => (keepdims === 0 ? "rowMajor" : "follow"),

    infer(context): readonly Fact[] {
      checkList(context, 1, "axes");
      const { dtype, dims } = context.fact(0);
      checkDType(context, "data", dtype, kind === "max" || kind === "min" ? [...NUMBERS, ...BOOL] : NUMBERS);
      if (dims === undefined) return [factOf(dtype, undefined)];
      const keepdims = context.attributes.keepdims !== 0;
      const axes = axesOf(context, context.data(1), dims.length);
      if (axes !== undefined) return [factOf(dtype, reducedDims(dims, axes, keepdims))];
      return [factOf(dtype, keepdims ? dims.map(() => "?") : undefined)];
    },

    evaluate(context) {
      const data = context.tensor(0);
      const axes = axesOf(context, context.optional(1), data.dims.length) as number[];
      return [reduceTensor(data, axes, context.attributes.keepdims !== 0, reducers[kind])];
    },

    lower: [reduceLowering(kind)],
  });
}
