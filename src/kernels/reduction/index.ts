import type { ReductionKind } from "../../ops/reduction/reducing.ts";
import { axesOf, type ReductionAttributes } from "../../ops/reduction/reductions.ts";
import { elementCount } from "../../tensor.ts";
import type { Address } from "../arguments.ts";
import { type LowerContext, type Operand, physicalAxes } from "../context.ts";
import { reduceCode } from "../contract.ts";
import { follow, ROW_MAJOR } from "../layouts.ts";
import type { Lowering, Lowerings } from "../lowering.ts";

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
function emitReduction(
  context: LowerContext<ReductionAttributes>,
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

const reduction = (kind: ReductionKind): Lowering<ReductionAttributes, number[]> => ({
  name: "reduce",
  resolve(site) {
    const [x, y] = [site.input(0), site.output()];
    if (x.fact.dtype !== "float32" || [...x.dims, ...y.dims].includes(0)) return undefined;
    return axesOf(site, site.inputs[1]?.fact.data, x.dims.length);
  },
  layouts: (site) => (site.attributes.keepdims === 0 ? [ROW_MAJOR] : follow(site)),
  emit: (context, axes) => emitReduction(context, kind, axes),
});

export const REDUCTION: Lowerings = {
  ReduceL1: [reduction("l1")],
  ReduceL2: [reduction("l2")],
  ReduceLogSum: [reduction("logSum")],
  ReduceLogSumExp: [reduction("logSumExp")],
  ReduceMax: [reduction("max")],
  ReduceMean: [reduction("mean")],
  ReduceMin: [reduction("min")],
  ReduceProd: [reduction("prod")],
  ReduceSum: [reduction("sum")],
  ReduceSumSquare: [reduction("sumSquare")],
};
