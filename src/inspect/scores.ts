import { arrayOf, COUNT, numberIn, numbersIn, objectOf } from "../arguments.ts";
import { ShapeError, UsageError } from "../errors.ts";
import type { Limits } from "../interruptible.ts";
import type { Network } from "../nn/network.ts";
import { chooseThreads } from "../runtime/choose-threads.ts";
import { chooseSimd } from "../runtime/kernels.ts";
import type { TensorData } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { datasetOf } from "../train/data/check-dataset.ts";
import { asTheyLie, createBatch, type Dataset, fillBatch } from "../train/data/dataset.ts";
import { DEFAULT_BATCH } from "../train/evaluate.ts";
import { hasOpenBatch } from "../train/finetune.ts";
import { forwardOf } from "../train/forward.ts";
import type { GradientOptions } from "../train/gradient.ts";
import { paceOf } from "../train/pace.ts";
import { tensorsOf } from "../train/samples.ts";
import type { Trainer } from "../train/trainer.ts";

/** How often each class was taken for each. */
export interface ConfusionMatrix {
  /** How many classes there are. */
  readonly classes: number;
  /** Counts by label and then by prediction: `counts[2][5]` samples of class 2 were taken for class 5. */
  readonly counts: readonly (readonly number[])[];
}

/** How well one class is told from all others. */
export interface ClassScore {
  /** Of those taken for the class, the share that is of it; 0 where none was. */
  readonly precision: number;
  /** Of those that are of the class, the share that was taken for it; 0 where none is. */
  readonly recall: number;
  /** The harmonic mean of precision and recall; 0 where both are. */
  readonly f1: number;
  /** How many samples are of the class. */
  readonly support: number;
}

/** What a confusion matrix says. */
export interface ClassScores {
  /** The share of samples that were taken for what they are; NaN where there are none. */
  readonly accuracy: number;
  /** Each class by itself. */
  readonly classes: readonly ClassScore[];
  /** Means over the classes that occur among labels or predictions, whatever their support; NaN where none does. */
  readonly macro: Pick<ClassScore, "precision" | "recall" | "f1">;
}

/** A matrix of so many has 10⁸ counts. */
const MOST_CLASSES = 10_000;

/**
 * Counts labels against predictions.
 *
 * @param labels - The classes of the samples, from 0.
 * @param predictions - What each was taken for.
 * @param classes - How many classes there are, 10,000 at most; by default as many as occur.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes?: number,
): ConfusionMatrix {
  numbersIn("confusionMatrix: labels", labels);
  numbersIn("confusionMatrix: predictions", predictions);
  if (labels.length !== predictions.length)
    throw new UsageError(`confusionMatrix: ${labels.length} labels, ${predictions.length} predictions`);
  let occurring = 0;
  for (const list of [labels, predictions])
    for (let i = 0; i < list.length; i++) occurring = Math.max(occurring, (list[i] as number) + 1);
  const size = classes ?? Math.max(1, occurring);
  const matrix = emptyMatrix(numberIn("confusionMatrix: classes", size, { ...COUNT, to: MOST_CLASSES }));
  for (let i = 0; i < labels.length; i++) count(matrix, labels[i] as number, predictions[i] as number);
  return { classes: size, counts: matrix };
}

const emptyMatrix = (size: number): number[][] =>
  Array.from({ length: size }, () => new Array<number>(size).fill(0));

function count(matrix: number[][], label: number, prediction: number): void {
  const known = { from: 0, to: matrix.length - 1, whole: true };
  const row = matrix[numberIn("confusionMatrix: a label", label, known)] as number[];
  row[numberIn("confusionMatrix: a prediction", prediction, known)] = (row[prediction] as number) + 1;
}

/** Accuracy, and precision, recall and F1 of each class and on average. */
export function classScores(matrix: ConfusionMatrix): ClassScores {
  const { counts } = checkMatrix("classScores", matrix);
  const right = counts.map((row, label) => row[label] as number);
  const labelled = counts.map(sum);
  const predicted = counts.map((_, prediction) => sum(counts.map((row) => row[prediction] as number)));
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  const classes = right.map((hits, i): ClassScore => {
    const [support, taken] = [labelled[i] as number, predicted[i] as number];
    return {
      precision: share(hits, taken),
      recall: share(hits, support),
      f1: share(2 * hits, taken + support),
      support,
    };
  });
  const occurring = classes.filter(({ support }, i) => support + (predicted[i] as number) > 0);
  const mean = (key: keyof ClassScore): number => sum(occurring.map((one) => one[key])) / occurring.length;
  return {
    accuracy: sum(right) / sum(labelled),
    classes,
    macro: { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

/** Throws a UsageError for what is no confusion matrix; `by` names who takes it. */
export function checkMatrix(by: string, matrix: ConfusionMatrix): ConfusionMatrix {
  const { classes, counts } = objectOf(`${by}: the matrix`, matrix);
  numberIn(`${by}: the matrix's classes`, classes, COUNT);
  const rows = arrayOf(`${by}: the matrix's counts`, counts);
  if (rows.length !== classes || rows.some((row) => !Array.isArray(row) || row.length !== classes))
    throw new UsageError(`${by}: the matrix's counts must be ${classes} rows of ${classes}`);
  for (const row of rows) for (const value of row) numberIn(`${by}: a count`, value, { from: 0 });
  return matrix;
}

/** How `confusionOver` goes over a data set. */
export interface ConfusionOptions extends Limits, Pick<GradientOptions, "simd" | "threads" | "threading"> {
  /** Samples at a time; default 64. One at a time where the network fixes its batch. */
  readonly batchSize?: number;
}

/**
 * What a classifier takes the samples of a data set for: of its scores [N, classes, …] the greatest, the first of equal ones. Labels
 * are classes, or maps of them, of which every place counts.
 *
 * @param model - A network, or a trainer with the weights that it has.
 */
export async function confusionOver(
  model: Network | Pick<Trainer, "predict">,
  data: Dataset,
  options: ConfusionOptions = {},
): Promise<ConfusionMatrix> {
  const { name, length, classes } = datasetOf("confusionOver", data);
  const { batchSize = DEFAULT_BATCH } = objectOf("confusionOver: the options", options);
  numberIn("confusionOver: batchSize", batchSize, COUNT);
  if (classes === undefined) throw new UsageError(`confusionOver: the labels of ${name} are no classes`);
  if (length === 0) throw new UsageError(`confusionOver: ${name} has no samples`);
  const pace = paceOf("confusionOver", options);
  pace.check();
  const { predict, release, most } = await predictorOf(model, options);
  const size = Math.min(batchSize, length, most);
  const room = createBatch(data, size);
  let matrix: number[][] | undefined;
  try {
    for (let from = 0; from < length; from += size) {
      if (pace.due()) await pace.turn();
      pace.check();
      const reading = fillBatch(data, asTheyLie, from, Math.min(size, length - from), 0, room, pace);
      if (reading !== undefined) await reading;
      const { x, labels } = tensorsOf(data, room);
      const scores = predict(x);
      checkScores(scores.dims, labels.dims, classes);
      matrix ??= emptyMatrix(scores.dims[1] as number);
      addBatch(matrix, scores, labels);
    }
  } finally {
    release();
  }
  const counts = matrix as number[][];
  return { classes: counts.length, counts };
}

type Predictions = Pick<TensorData, "dims" | "data">;

interface Predictor {
  readonly predict: (x: TensorData) => Predictions;
  readonly release: () => void;
  /** Samples that it takes at once. */
  readonly most: number;
}

async function predictorOf(
  model: Network | Pick<Trainer, "predict">,
  { simd, threads = 1, threading }: ConfusionOptions,
): Promise<Predictor> {
  objectOf("confusionOver: the model", model);
  if (isTrainer(model)) return { predict: (x) => model.predict(x), release: () => {}, most: Infinity };
  const network = networkOf("confusionOver", model);
  const team = await chooseThreads(threads, threading);
  const forward = forwardOf(network, undefined, chooseSimd(simd), team);
  const most = hasOpenBatch(network.graph) ? Infinity : 1;
  return { predict: (x) => forward.run(x).output, release: forward.release, most };
}

const isTrainer = (model: Network | Pick<Trainer, "predict">): model is Pick<Trainer, "predict"> =>
  "predict" in model;

function checkScores(scores: readonly number[], labels: readonly number[], classes: number): void {
  const [batch, own = 0, ...places] = scores;
  if (own < classes || [batch, ...places].join() !== labels.join())
    throw new ShapeError(
      undefined,
      `scores [${scores}] do not go with labels [${labels}] of ${classes} classes: expected [N, classes, …]`,
    );
}

function addBatch(matrix: number[][], scores: Predictions, labels: TensorData): void {
  const [batch, classes, ...more] = scores.dims as [number, number, ...number[]];
  const places = more.reduce((product, dim) => product * dim, 1);
  const values = scores.data as Float32Array;
  for (let sample = 0; sample < batch; sample++)
    for (let place = 0; place < places; place++) {
      const at = (one: number): number => values[(sample * classes + one) * places + place] as number;
      let best = 0;
      for (let one = 0; one < classes; one++) {
        if (Number.isNaN(at(one)))
          throw new UsageError("confusionOver: the network's scores are not numbers");
        if (at(one) > at(best)) best = one;
      }
      count(matrix, Number(labels.data[sample * places + place]), best);
    }
}
