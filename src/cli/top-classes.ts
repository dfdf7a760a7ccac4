import { toNumbers } from "../ops/shared/elements.ts";
import { Tensor } from "../tensor.ts";
import { isTensor, type RuntimeValue } from "../value.ts";
import { softmax, topK } from "../vision/index.ts";
import { scoresAmong } from "./image-task.ts";

/** A class and its score, as the model gives it and as a share of all (softmax, where the scores are no shares). */
export interface TopEntry {
  readonly index: number;
  readonly label?: string;
  readonly score: number;
  readonly probability: number;
}

/** The best classes of what a model gave, best first; undefined where no output ranks classes. */
export function topClasses(
  values: readonly RuntimeValue[],
  count: number,
  labels: readonly string[] | undefined,
): TopEntry[] | undefined {
  const scores = scoresAmong(
    values.filter(isTensor).map(({ dtype, data, dims }) => new Tensor(dtype, data, dims)),
  );
  if (scores === undefined) return undefined;
  const numbers = toNumbers(scores);
  let sum = 0;
  let shares = true;
  for (const number of numbers) {
    sum += number;
    shares &&= number >= 0;
  }
  const probabilities = shares && Math.abs(sum - 1) < 0.01 ? numbers : softmax(numbers);
  return topK(numbers, count, labels).map((entry) => ({
    ...entry,
    probability: probabilities[entry.index] as number,
  }));
}
