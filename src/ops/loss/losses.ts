import type { Dim } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { fromNumbers, type Numbers, toNumberArray, toNumbers } from "../shared/elements.ts";

/** The attributes that the losses over class indices share. */
export interface LossAttributes {
  readonly ignoreIndex: number | undefined;
  readonly reduction: string;
}

interface Failing {
  readonly attributes: LossAttributes;
  fail(message: string): never;
}

const REDUCTIONS = ["none", "mean", "sum"];

/** Dims of the loss: those of the target, or none when it is reduced. Input is [N, C, d1 …], target [N, d1 …]. */
export function lossDims(
  context: Failing,
  input: readonly Dim[] | undefined,
  target: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  const { reduction } = context.attributes;
  if (!REDUCTIONS.includes(reduction))
    context.fail(`reduction ${JSON.stringify(reduction)} is none of ${REDUCTIONS}`);
  if (input !== undefined) {
    if (input.length < 2) context.fail(`input must be [N, C, …], got [${input}]`);
    const expected = [input[0], ...input.slice(2)] as Dim[];
    const clash = (target ?? expected).some(
      (dim, i) => typeof dim === "number" && typeof expected[i] === "number" && dim !== expected[i],
    );
    if (clash || (target ?? expected).length !== expected.length) {
      context.fail(`target must be [${expected}] for an input of [${input}], got [${target}]`);
    }
  }
  return reduction === "none" ? target : [];
}

/** The loss -weight[target]·logProbability[target], perhaps averaged (by weight) or summed over all targets. */
export function negativeLogLikelihood(
  context: Failing,
  logProbabilities: Numbers,
  input: TensorData,
  target: TensorData,
  weight: TensorData | undefined,
): TensorData {
  const { ignoreIndex, reduction } = context.attributes;
  const classes = input.dims[1] as number;
  const inner = elementCount(input.dims.slice(2));
  const labels = toNumberArray(target);
  const weights = weight && toNumbers(weight);
  if (weights !== undefined && weights.length !== classes) {
    context.fail(`weight must have one entry for each of ${classes} classes, got ${weights.length}`);
  }
  const losses = new Float64Array(labels.length);
  let sum = 0;
  let weightSum = 0;
  labels.forEach((label, i) => {
    if (label === ignoreIndex) return;
    if (label < 0 || label >= classes) context.fail(`target ${label} is out of range for ${classes} classes`);
    const w = weights === undefined ? 1 : (weights[label] as number);
    const at = (Math.floor(i / inner) * classes + label) * inner + (i % inner);
    const loss = -w * (logProbabilities[at] as number);
    losses[i] = loss;
    sum += loss;
    weightSum += w;
  });
  if (reduction === "none") return fromNumbers(input.dtype, target.dims, losses);
  return fromNumbers(input.dtype, [], [reduction === "sum" ? sum : sum / weightSum]);
}
