import type { TensorData } from "../tensor.ts";
import type { Metric, MetricRun } from "./metrics.ts";

/** Means over the samples of an epoch or a data set; metrics by name. */
export interface Scores {
  /** The mean loss over samples. */
  readonly loss: number;
  readonly [metric: string]: number;
}

/** Gathers batches into scores. */
export interface ScoreKeeper {
  add(loss: number, output: TensorData, labels: TensorData): void;
  scores(): Scores;
}

/** Means over samples, whatever the sizes of the batches. */
export function scoreKeeper(metrics: readonly Metric[] = []): ScoreKeeper {
  const runs = metrics.map((metric): [string, MetricRun] => [metric.name, metric.start()]);
  let total = 0;
  let count = 0;
  return {
    add(loss, output, labels) {
      const batch = output.dims[0] as number;
      total += loss * batch;
      count += batch;
      for (const [, run] of runs) run.add(output, labels);
    },
    scores: () => ({
      loss: total / count,
      ...Object.fromEntries(runs.map(([name, run]) => [name, run.value()])),
    }),
  };
}
