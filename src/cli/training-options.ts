import { UsageError } from "../errors.ts";
import { softmaxCrossEntropy } from "../train/losses.ts";
import { accuracy } from "../train/metrics.ts";
import { adam, adamW, type Optimizer, rmsProp, sgd } from "../train/optimizers.ts";
import { cosine, oneCycle, type Schedule, stepDecay, warmUp } from "../train/schedules.ts";
import { sam } from "../train/sharpness.ts";
import type { CompileOptions } from "../train/training-types.ts";
import type { TrainingCommandOptions } from "./training-flags.ts";

/** What `compile` takes, from the command's options. Throws a UsageError for options that do not go together. */
export function compileOptionsOf(options: TrainingCommandOptions): CompileOptions {
  const { labelSmoothing, clipNorm, rates, sam: rho, threads, seed } = options;
  const optimizer = optimizerOf(options);
  return {
    optimizer: rho === undefined ? optimizer : sam({ optimizer, rho }),
    loss: softmaxCrossEntropy({ labelSmoothing }),
    metrics: [accuracy()],
    threads,
    seed,
    ...(clipNorm !== undefined && { clipNorm }),
    ...(rates !== undefined && { learningRates: rates }),
  };
}

function optimizerOf(options: TrainingCommandOptions): Optimizer {
  const { optimizer, momentum, weightDecay } = options;
  const learningRate = scheduleOf(options);
  const common = { learningRate, ...(weightDecay !== undefined && { weightDecay }) };
  if (optimizer === "sgd") return sgd({ ...common, momentum: momentum ?? 0.9 });
  if (optimizer === "rmsprop") return rmsProp({ ...common, momentum: momentum ?? 0 });
  if (momentum !== undefined) throw new UsageError(`--momentum is for sgd and rmsprop, not for ${optimizer}`);
  return optimizer === "adam" ? adam(common) : adamW(common);
}

function scheduleOf({
  schedule,
  optimizer,
  warmUp: steps,
  epochs,
  ...rest
}: TrainingCommandOptions): Schedule {
  const learningRate = rest.learningRate ?? (optimizer === "sgd" ? 0.05 : 0.001);
  const constant: Schedule = () => learningRate;
  const schedules: Readonly<Record<typeof schedule, () => Schedule>> = {
    constant: () => constant,
    cosine: () => cosine({ learningRate }),
    "one-cycle": () => oneCycle({ learningRate }),
    // As He et al. 2015 (arXiv:1512.03385) divide it by 10 after half and three quarters of the training.
    step: () => stepDecay({ learningRate, at: [Math.ceil(epochs / 2), Math.ceil((3 * epochs) / 4)] }),
  };
  const chosen = schedules[schedule]();
  return steps === undefined || steps === 0 ? chosen : warmUp(steps, chosen);
}
