/** The entry `lanewise/train`: gradients, losses, optimisers, data and the training loop. */
export { checkpoints, earlyStopping, type Watched } from "./callbacks.ts";
export { CheckpointError } from "./checkpoint.ts";
export { type AugmentOptions, augment } from "./data/augment.ts";
export { type CacheOptions, inMemory } from "./data/cached.ts";
export { DataError } from "./data/data-error.ts";
export { batches, type Dataset, fromArrays, fromGenerator } from "./data/dataset.ts";
export { type DigitsOptions, digit, digits } from "./data/digits.ts";
export { readIdx } from "./data/idx.ts";
export { mnist } from "./data/mnist.ts";
export { pick, split, subset } from "./data/subset.ts";
export { type DifferentiateOptions, differentiate } from "./differentiate.ts";
export { DivergenceError } from "./errors.ts";
export type { EvaluateOptions } from "./evaluate.ts";
export {
  cutNetwork,
  denseHead,
  type FeatureOptions,
  featuresOf,
  type HeadOptions,
  join,
  opsetOf,
  outputDims,
  pooling,
} from "./finetune.ts";
export type { BatchReport, Callback, EpochReport, FitControl, FitOptions } from "./fit.ts";
export {
  type GradientOptions,
  type GradientRunOptions,
  type GradientSession,
  type Gradients,
  gradient,
} from "./gradient.ts";
export type { GradientContext, GradientRule, GradientRules } from "./gradients/define.ts";
export {
  binaryCrossEntropy,
  hinge,
  type LabelSpec,
  type Loss,
  meanSquaredError,
  softmaxCrossEntropy,
} from "./losses.ts";
export { accuracy, binaryAccuracy, type Metric, meanAbsoluteError } from "./metrics.ts";
export {
  exportNetwork,
  freeze,
  type ModelNetworkOptions,
  networkFromImport,
  networkFromModel,
  unfreeze,
  type WeightSelection,
} from "./model-network.ts";
export { adam, adamW, type Optimizer, rmsProp, sgd } from "./optimizers.ts";
export { cosine, oneCycle, type Schedule, stepDecay, warmUp } from "./schedules.ts";
export type { Scores } from "./scores.ts";
export { compile, type Trainer } from "./trainer.ts";
export type { Batch, CompileOptions, StepResult } from "./training-types.ts";

import { addTraining } from "./add-training.ts";

addTraining();
