/**
 * Training: gradients, losses, optimisers, data, the loop over it, fine-tuning and export. `docs/training.md` tells it in
 * order.
 *
 * @module lanewise/train
 */

export type { ExportedParts } from "../onnx/export.ts";
export type { ExternalData } from "../onnx/external.ts";
export { boxIou, generalizedIou, smoothL1 } from "./boxes.ts";
export { checkpoints, earlyStopping, type Watched, type WatchOptions } from "./callbacks.ts";
export { type Checkpoint, CheckpointError } from "./checkpoint.ts";
export { type AugmentOptions, augment } from "./data/augment.ts";
export { type CacheOptions, inMemory } from "./data/cached.ts";
export { DataError } from "./data/data-error.ts";
export {
  type ArraysOptions,
  type Batch as SampleBatch,
  type BatchesOptions,
  batches,
  type Dataset,
  fromArrays,
  fromGenerator,
  type GeneratorOptions,
  type Sample,
} from "./data/dataset.ts";
export { type DigitsOptions, digit, digits } from "./data/digits.ts";
export type { ElasticOptions } from "./data/elastic.ts";
export { type IdxArray, type IdxData, readIdx } from "./data/idx.ts";
export { type MnistFiles, type MnistOptions, mnist } from "./data/mnist.ts";
export type { PixelOperation } from "./data/pixel-operations.ts";
export {
  type AutoAugmentOptions,
  autoAugment,
  imagenetPolicy,
  type PixelOptions,
  type Policy,
  type PolicyStep,
  type RandAugmentOptions,
  randAugment,
} from "./data/policies.ts";
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
  tailNetwork,
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
export type { LayerRates } from "./layer-rates.ts";
export {
  binaryCrossEntropy,
  hinge,
  type LabelSpec,
  type Loss,
  meanSquaredError,
  softmaxCrossEntropy,
} from "./losses.ts";
export {
  accuracy,
  binaryAccuracy,
  type Metric,
  type MetricRun,
  meanAbsoluteError,
  meanIntersectionOverUnion,
} from "./metrics.ts";
export {
  exportNetwork,
  exportNetworkParts,
  freeze,
  type ModelNetworkOptions,
  networkFromImport,
  networkFromModel,
  unfreeze,
  type WeightSelection,
} from "./model-network.ts";
export {
  type AdamOptions,
  adam,
  adamW,
  type Optimizer,
  rmsProp,
  sgd,
  type UpdateInputs,
} from "./optimizers.ts";
export { cosine, oneCycle, type Progress, type Schedule, stepDecay, warmUp } from "./schedules.ts";
export type { Scores } from "./scores.ts";
export { sam } from "./sharpness.ts";
export { precision, softAccuracy, softCrossEntropy } from "./soft-labels.ts";
export { compile, type Trainer } from "./trainer.ts";
export type { Batch, CompileOptions, StepResult } from "./training-types.ts";

import { addTraining } from "./add-training.ts";

addTraining();
