import type { Failing } from "../shared/axes.ts";

const TRANSFORMS = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"] as const;

/** What the ai.onnx.ml operators apply to scores. */
export type PostTransform = (typeof TRANSFORMS)[number];

/** The transform of an attribute: its name, or (TreeEnsemble) its number. */
export function postTransformOf(context: Failing, value: string | number): PostTransform {
  const name = typeof value === "number" ? TRANSFORMS[value] : TRANSFORMS.find((known) => known === value);
  return name ?? context.fail(`post_transform ${JSON.stringify(value)} is not known`);
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** √2·erf⁻¹(2x - 1), by Winitzki's approximation of the inverse error function. */
function probit(value: number): number {
  const x = 2 * value - 1;
  const log = Math.log((1 - x) * (1 + x));
  const v = 2 / (Math.PI * 0.147) + 0.5 * log;
  return Math.SQRT2 * Math.sign(x) * Math.sqrt(Math.sqrt(v * v - log / 0.147) - v);
}

/** The scores of one row, transformed. */
export function transformScores(scores: readonly number[], transform: PostTransform): number[] {
  if (transform === "NONE") return [...scores];
  if (transform === "LOGISTIC") return scores.map(logistic);
  if (transform === "PROBIT") return scores.map(probit);
  const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  // SOFTMAX_ZERO leaves out scores of 0, which stand for "no score".
  const skips = (score: number) => transform === "SOFTMAX_ZERO" && Math.abs(score) <= 1e-7;
  const exps = scores.map((score) => (skips(score) ? score * Math.exp(-most) : Math.exp(score - most)));
  const sum = exps.reduce((total, exp, i) => (skips(scores[i] as number) ? total : total + exp), 0);
  return exps.map((exp) => exp / sum);
}

/**
 * The two scores that one score of a binary classifier stands for, as onnxruntime writes them: a probability and the
 * rest to 1, or (`signed`) a margin and its opposite.
 */
export function binaryScores(score: number, transform: PostTransform, signed: boolean): number[] {
  if (transform === "PROBIT") return [probit(score), 0];
  if (transform === "LOGISTIC") return [logistic(-score), logistic(score)];
  return signed ? [-score, score] : [1 - score, score];
}
