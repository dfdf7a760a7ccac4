import type { Network } from "../nn/network.ts";
import { chooseThreads } from "../runtime/choose-threads.ts";
import { createExecutor } from "../runtime/executor.ts";
import { chooseSimd } from "../runtime/kernels.ts";
import { checkCompileOptions } from "./check-options.ts";
import type { Dataset } from "./data/dataset.ts";
import { type EvaluateOptions, evaluate } from "./evaluate.ts";
import { type EpochReport, type FitOptions, trainEpochs } from "./fit.ts";
import { sampleDims } from "./forward.ts";
import { layerRates } from "./layer-rates.ts";
import type { Scores } from "./scores.ts";
import { TrainingSession } from "./training-session.ts";
import type { CompileOptions } from "./training-types.ts";

/** Readies a network for training. Throws a UsageError where it cannot be trained as asked. */
export async function compile(network: Network, options: CompileOptions): Promise<Trainer> {
  checkCompileOptions(options);
  sampleDims(network);
  layerRates([...network.trainable], options.learningRates);
  const simd = chooseSimd(options.simd);
  const threads = await chooseThreads(options.threads ?? 1, options.threading);
  return new Trainer(network, options, createExecutor(simd, threads));
}

/** A network in training, with the loops over data. */
export class Trainer extends TrainingSession {
  /**
   * Trains over a data set, epoch by epoch, in an order that follows from the seed and the epoch alone; gives their history.
   * The event loop gets its turns. Throws a UsageError for options and data that do not suit, what the data and callbacks
   * throw, a DivergenceError, a CheckpointError, and what ends its work: the signal's reason or a TimeoutError.
   */
  fit(data: Dataset, options: FitOptions): Promise<readonly EpochReport[]> {
    return trainEpochs(this, data, options);
  }

  /** Loss and metrics over a data set, with BatchNormalization and Dropout as in inference. */
  evaluate(data: Dataset, options?: EvaluateOptions): Promise<Scores> {
    return evaluate(this, data, options);
  }
}
