import { COUNT, numberIn, objectOf } from "../arguments.ts";
import type { Limits } from "../interruptible.ts";
import { asTheyLie, createBatch, type Dataset, fillBatch } from "./data/dataset.ts";
import type { Forward } from "./forward.ts";
import { type Pace, paceOf } from "./pace.ts";
import { checkData, tensorsOf } from "./samples.ts";
import { type Scores, scoreKeeper } from "./scores.ts";
import type { TrainingSession } from "./training-session.ts";

/** Samples at a time, where nobody says how many. */
export const DEFAULT_BATCH = 64;

/** How `evaluate` goes over a data set; `signal` and `timeoutMs` end it between two samples. */
export interface EvaluateOptions extends Limits {
  /** Samples at a time; default 64. */
  readonly batchSize?: number;
}

/**
 * Loss and metrics over a data set, with BatchNormalization and Dropout as in inference and the weights that the trainer
 * has at the beginning. Throws what the data throws, a UsageError for data that does not suit, and what ends its work.
 */
export async function evaluate(
  trainer: TrainingSession,
  data: Dataset,
  options: EvaluateOptions = {},
): Promise<Scores> {
  const { batchSize = DEFAULT_BATCH } = objectOf("evaluate: the options", options);
  numberIn("evaluate: batchSize", batchSize, COUNT);
  checkData("evaluate", trainer, data);
  const pace = paceOf("evaluate", options);
  pace.check();
  if (!pace.limited) return evaluateAt(pace, trainer, data, batchSize, trainer.forward());
  // Where batches give turns, updates may come between, which the trainer's memory is for.
  const forward = trainer.freshForward();
  try {
    return await evaluateAt(pace, trainer, data, batchSize, forward);
  } finally {
    forward.release();
  }
}

/** The same at a pace and with a network that are there already, for what has been checked. */
export async function evaluateAt(
  pace: Pace,
  trainer: TrainingSession,
  data: Dataset,
  batchSize: number,
  forward: Forward,
): Promise<Scores> {
  pace.check();
  const size = Math.min(batchSize, data.length);
  const room = createBatch(data, size);
  const scores = scoreKeeper(trainer.options.metrics);
  for (let from = 0; from < data.length; from += size) {
    if (pace.due()) await pace.turn();
    pace.check();
    const reading = fillBatch(data, asTheyLie, from, Math.min(size, data.length - from), 0, room, pace);
    if (reading !== undefined) await reading;
    const { x, labels } = tensorsOf(data, room);
    const { output, loss } = await pace.run(forward.running(x, labels));
    scores.add(loss as number, output, labels);
  }
  return scores.scores();
}
