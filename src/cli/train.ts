import { UsageError } from "../errors.ts";
import type { AugmentOptions } from "../train/data/augment.ts";
import { BACKGROUND } from "../train/data/mnist.ts";
import { outputDims } from "../train/finetune.ts";
import { sampleDims } from "../train/forward.ts";
import type { PresetName } from "../vision/presets.ts";
import { trainingData } from "./training-data.ts";
import type { TrainingCommandOptions } from "./training-flags.ts";
import { trainingNetwork } from "./training-networks.ts";
import { checkOutputs, runTraining } from "./training-run.ts";

export interface TrainOptions extends TrainingCommandOptions {
  readonly augment?: AugmentOptions;
  readonly preset?: PresetName;
}

/** `lanewise train`. */
export async function train(name: string, options: TrainOptions): Promise<void> {
  await checkOutputs(options);
  const { data: address, limit, validation, seed, preset } = options;
  const { network, scaling, withClasses } = await trainingNetwork(name, seed);
  const fill = scaling === "lenet" ? BACKGROUND : 0;
  const data = await trainingData(address, {
    inputDims: sampleDims(network),
    scaling,
    limit,
    validation,
    seed,
    augment: options.augment && { ...options.augment, fill },
    ...(preset !== undefined && { preset }),
  });
  const { classes } = data.train;
  const [own] = outputDims(network);
  if (classes !== own && withClasses === undefined)
    throw new UsageError(
      `${address} has ${classes} classes, ${name} tells ${own} apart; lanewise finetune gives a model a new head`,
    );
  const fitting = classes === own || classes === undefined ? network : (withClasses?.(classes) ?? network);
  await runTraining({ name, network: fitting, ...data }, options);
}
