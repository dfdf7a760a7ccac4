import { UsageError } from "../errors.ts";
import type { TensorData } from "../tensor.ts";
import { createBatch, type Batch as DataBatch, type Dataset, fillBatch } from "./data/dataset.ts";
import { shuffledIndices } from "./data/shuffle.ts";
import type { MetricRun } from "./metrics.ts";
import type { Batch, TrainingSession } from "./training-session.ts";

/** Means over the samples of an epoch or a data set; metrics by name. */
export interface Scores {
  readonly loss: number;
  readonly [metric: string]: number;
}

/** What is told after every batch. */
export interface BatchReport {
  readonly epoch: number;
  readonly epochs: number;
  /** Batches of the epoch done, and in all. */
  readonly batch: number;
  readonly batches: number;
  /** Updates done since training began. */
  readonly step: number;
  /** Of this batch. */
  readonly loss: number;
  readonly samplesPerSecond: number;
}

/** What is told after every epoch, and kept as history. */
export interface EpochReport {
  readonly epoch: number;
  readonly epochs: number;
  readonly training: Scores;
  readonly validation: Scores | undefined;
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

/** Functions called as training goes on; `stop` ends it after the current batch or epoch. */
export interface Callback {
  onBatch?(report: BatchReport, control: FitControl): void | Promise<void>;
  onEpoch?(report: EpochReport, control: FitControl): void | Promise<void>;
  /** After the last epoch, or when training was stopped. */
  onEnd?(control: FitControl): void | Promise<void>;
}

export interface FitControl {
  readonly trainer: TrainingSession;
  stop(): void;
  /** A checkpoint that resumes here. */
  checkpoint(): Uint8Array<ArrayBuffer>;
}

export interface FitOptions {
  readonly epochs: number;
  /** Samples an update; default 64. The last batch of an epoch may be smaller. */
  readonly batchSize?: number;
  readonly validation?: Dataset;
  readonly callbacks?: readonly Callback[];
  /** Stops training between two batches; `fit` then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** A checkpoint to go on from. */
  readonly resume?: Uint8Array;
}

const DEFAULT_BATCH = 64;

/**
 * Trains over a data set, epoch by epoch, in an order that follows from the trainer's seed and the epoch alone. Gives
 * the history of epochs. Between batches the event loop gets its turn. Throws what the data throws, a DivergenceError,
 * or the signal's reason.
 */
export async function trainEpochs(
  trainer: TrainingSession,
  data: Dataset,
  options: FitOptions,
): Promise<readonly EpochReport[]> {
  const { epochs, batchSize = DEFAULT_BATCH, validation, callbacks = [], signal, resume } = options;
  checkCount("epochs", epochs);
  checkCount("batchSize", batchSize);
  checkData(trainer, data);
  if (validation !== undefined) checkData(trainer, validation);
  const batchesPerEpoch = Math.ceil(data.length / batchSize);
  const progress = { stepsPerEpoch: batchesPerEpoch, epochs };
  const start = resume === undefined ? { epoch: 0, batch: 0 } : trainer.restore(resume);
  const position = { ...start };
  let stopped = false;
  const control: FitControl = {
    trainer,
    stop() {
      stopped = true;
    },
    checkpoint: () => trainer.checkpoint(position),
  };
  const history: EpochReport[] = [];
  const room = createBatch(data, batchSize);
  const turn = eventLoopTurns();

  for (let epoch = start.epoch; epoch < epochs && !stopped; epoch++) {
    const began = performance.now();
    const order = shuffledIndices(data.length, trainer.options.seed ?? 0, epoch);
    const scores = scoreKeeper(trainer);
    const first = epoch === start.epoch ? start.batch : 0;
    for (let batch = first; batch < batchesPerEpoch && !stopped; batch++) {
      signal?.throwIfAborted();
      const batchBegan = performance.now();
      const from = batch * batchSize;
      const count = Math.min(batchSize, data.length - from);
      const reading = fillBatch(data, order, from, count, epoch, room);
      if (reading !== undefined) await reading;
      const tensors = tensorsOf(data, room);
      const { loss, output } = trainer.trainStep(tensors, progress);
      scores.add(loss, output, tensors.labels);
      position.epoch = batch + 1 === batchesPerEpoch ? epoch + 1 : epoch;
      position.batch = batch + 1 === batchesPerEpoch ? 0 : batch + 1;
      const samplesPerSecond = (1000 * count) / (performance.now() - batchBegan);
      const report = { epoch, epochs, batch: batch + 1, batches: batchesPerEpoch, step: trainer.step, loss };
      for (const callback of callbacks) await callback.onBatch?.({ ...report, samplesPerSecond }, control);
      await turn();
    }
    if (position.batch !== 0) break;
    const seconds = (performance.now() - began) / 1000;
    const report: EpochReport = {
      epoch,
      epochs,
      training: scores.scores(),
      validation:
        validation && (await evaluate(trainer, validation, { batchSize, ...(signal && { signal }) })),
      seconds,
      samplesPerSecond: (data.length - first * batchSize) / seconds,
    };
    history.push(report);
    for (const callback of callbacks) await callback.onEpoch?.(report, control);
  }
  for (const callback of callbacks) await callback.onEnd?.(control);
  return history;
}

/** Loss and metrics over a data set, with BatchNormalization and Dropout as in inference. */
export async function evaluate(
  trainer: TrainingSession,
  data: Dataset,
  { batchSize = DEFAULT_BATCH, signal }: { readonly batchSize?: number; readonly signal?: AbortSignal } = {},
): Promise<Scores> {
  checkCount("batchSize", batchSize);
  checkData(trainer, data);
  const order = Uint32Array.from({ length: data.length }, (_, i) => i);
  const room = createBatch(data, batchSize);
  const scores = scoreKeeper(trainer);
  const forward = trainer.forward();
  const turn = eventLoopTurns();
  for (let from = 0; from < data.length; from += batchSize) {
    signal?.throwIfAborted();
    const reading = fillBatch(data, order, from, Math.min(batchSize, data.length - from), 0, room);
    if (reading !== undefined) await reading;
    const { x, labels } = tensorsOf(data, room);
    const { output, loss } = forward.run(x, labels);
    scores.add(loss as number, output, labels);
    await turn();
  }
  return scores.scores();
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${name} must be a whole number of at least 1, got ${value}`);
}

function checkData(trainer: TrainingSession, data: Dataset): void {
  if (data.length === 0) throw new UsageError(`${data.name} has no samples`);
  if (data.inputDims.join() !== trainer.inputDims.join())
    throw new UsageError(
      `the network takes [${trainer.inputDims}], samples of ${data.name} are [${data.inputDims}]`,
    );
  const labels = trainer.labelsOf(1);
  const own = data.classes === undefined ? "float32" : "int32";
  if (labels.dtype !== own || labels.dims.slice(1).join() !== data.labelDims.join()) {
    const wanted = labels.dtype === "int32" ? "classes" : `numbers [${labels.dims.slice(1)}]`;
    const got = data.classes === undefined ? `numbers [${data.labelDims}]` : "classes";
    throw new UsageError(`the loss takes ${wanted} as labels, ${data.name} has ${got}`);
  }
  if (labels.classes !== undefined && data.classes !== undefined && data.classes > labels.classes)
    throw new UsageError(
      `${data.name} has ${data.classes} classes, the network tells ${labels.classes} apart`,
    );
}

/** A batch as tensors over the same memory. */
function tensorsOf(data: Dataset, { x, y, count }: DataBatch): Batch {
  const view = (dims: readonly number[], values: Float32Array): TensorData => ({
    dtype: "float32",
    dims: [count, ...dims],
    data: values.subarray(0, (values.length * count) / capacity) as Float32Array<ArrayBuffer>,
  });
  const capacity = x.length / data.inputDims.reduce((a, b) => a * b, 1);
  return {
    x: view(data.inputDims, x),
    labels:
      y instanceof Int32Array
        ? { dtype: "int32", dims: [count], data: y.subarray(0, count) as Int32Array<ArrayBuffer> }
        : view(data.labelDims, y),
  };
}

/** Means over samples, whatever the sizes of the batches. */
function scoreKeeper(trainer: TrainingSession): {
  add(loss: number, output: TensorData, labels: TensorData): void;
  scores(): Scores;
} {
  const runs = (trainer.options.metrics ?? []).map((metric): [string, MetricRun] => [
    metric.name,
    metric.start(),
  ]);
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

/** Lets the event loop run: at every call, as a task of its own. */
function eventLoopTurns(): () => Promise<void> {
  if (typeof setImmediate === "function") return () => new Promise((resolve) => setImmediate(resolve));
  const { port1, port2 } = new MessageChannel();
  return () =>
    new Promise((resolve) => {
      port1.onmessage = () => resolve();
      port2.postMessage(0);
    });
}
