import type { Fact } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import { type AttributesOf, defineOp, factOf, int, ints, type Op } from "../define.ts";
import { BOOL, checkDType, checkList, NUMBERS } from "../elementwise/dtypes.ts";
import { toNumberArray } from "../shared/elements.ts";
import { type ReductionKind, reducedDims, reducers, reduceTensor, resolveAxes } from "./reducing.ts";

const attributes = { axes: ints(), keepdims: int(1), noopWithEmptyAxes: int(0) };
export type ReductionAttributes = AttributesOf<typeof attributes>;

interface AxesContext {
  readonly attributes: ReductionAttributes;
  readonly node: { readonly inputs: readonly string[] };
  fail(message: string): never;
}

/** The reduced axes of a tensor of `rank`; undefined while the axes input is not known. */
export function axesOf(
  context: AxesContext,
  input: TensorData | undefined,
  rank: number,
): number[] | undefined {
  const given = (context.node.inputs[1] ?? "") !== "";
  if (given && input === undefined) return undefined;
  const axes = input === undefined ? context.attributes.axes : toNumberArray(input);
  if (axes !== undefined && axes.length > 0) return resolveAxes(context, axes, rank);
  return context.attributes.noopWithEmptyAxes === 0 ? Array.from({ length: rank }, (_, axis) => axis) : [];
}

/** A Reduce… operator; `axes` moved from the attributes to input 1 in opset 18 (ReduceSum: 13). */
function reduction(type: string, kind: ReductionKind, since: readonly number[]): Op {
  return defineOp({
    type,
    since,
    inputs: ["data", "axes?"],
    attributes,

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
  });
}

/** Elements along axes as one: https://onnx.ai/onnx/operators has a page for each. */
export const REDUCTIONS: readonly Op[] = [
  reduction("ReduceL1", "l1", [1, 11, 13, 18]),
  reduction("ReduceL2", "l2", [1, 11, 13, 18]),
  reduction("ReduceLogSum", "logSum", [1, 11, 13, 18]),
  reduction("ReduceLogSumExp", "logSumExp", [1, 11, 13, 18]),
  reduction("ReduceMax", "max", [1, 11, 12, 13, 18, 20]),
  reduction("ReduceMean", "mean", [1, 11, 13, 18]),
  reduction("ReduceMin", "min", [1, 11, 12, 13, 18, 20]),
  reduction("ReduceProd", "prod", [1, 11, 13, 18]),
  reduction("ReduceSum", "sum", [1, 11, 13]),
  reduction("ReduceSumSquare", "sumSquare", [1, 11, 13, 18]),
];
