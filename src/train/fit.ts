import { arrayOf, bytesOf, COUNT, functionOf, numberIn, objectOf } from "../arguments.ts";
import { finish, type Limits } from "../interruptible.ts";
import { CheckpointError, decodeCheckpoint } from "./checkpoint.ts";
import { createBatch, type Dataset, fillBatch } from "./data/dataset.ts";
import { shuffling } from "./data/shuffle.ts";
import { DEFAULT_BATCH, evaluateAt } from "./evaluate.ts";
import { type Pace, paceOf } from "./pace.ts";
import { checkData, tensorsOf } from "./samples.ts";
import { type Scores, scoreKeeper } from "./scores.ts";
import type { TrainingSession } from "./training-session.ts";
import type { Lease } from "./training-types.ts";

/** What is told after every batch. */
export interface BatchReport {
  /** The epoch, from 0. */
  readonly epoch: number;
  /** How many epochs there will be. */
  readonly epochs: number;
  /** Batches of the epoch done, and in all. */
  readonly batch: number;
  /** How many batches an epoch has. */
  readonly batches: number;
  /** Updates done since training began. */
  readonly step: number;
  /** Of this batch. */
  readonly loss: number;
  /** How fast this batch went. */
  readonly samplesPerSecond: number;
}

/** What is told after every epoch, and kept as history. */
export interface EpochReport {
  /** The epoch, from 0. */
  readonly epoch: number;
  /** How many epochs there will be. */
  readonly epochs: number;
  /** Means over the epoch's batches, each before its update. */
  readonly training: Scores;
  /** Scores on the validation set after the epoch; undefined where there is none. */
  readonly validation: Scores | undefined;
  /** What the epoch took, without its validation. */
  readonly seconds: number;
  /** How fast the epoch went, without its validation. */
  readonly samplesPerSecond: number;
}

/**
 * Functions called as training goes on, one after another; each is waited for. During a fit they may evaluate, predict,
 * take checkpoints and `stop` it; other updates, `restore` and a second `fit` are UsageErrors until `onEnd`.
 */
export interface Callback {
  /** Before the first batch. */
  onStart?(control: FitControl): void | Promise<void>;
  /** After every batch. */
  onBatch?(report: BatchReport, control: FitControl): void | Promise<void>;
  /** After every epoch and its validation. */
  onEpoch?(report: EpochReport, control: FitControl): void | Promise<void>;
  /** After the last epoch, or when training was stopped; not where it ended with an error. */
  onEnd?(control: FitControl): void | Promise<void>;
}

/** What callbacks have of the training that calls them. */
export interface FitControl {
  /** What is being trained. */
  readonly trainer: TrainingSession;
  /** What `fit` validates on. */
  readonly validation: Dataset | undefined;
  /** Ends training after the current batch, or the epoch where that was its last. */
  stop(): void;
  /** A checkpoint that resumes here. */
  checkpoint(): Uint8Array<ArrayBuffer>;
}

/**
 * `signal` and `timeoutMs` end training between two batches or samples: `fit` then throws the signal's reason or a
 * TimeoutError, and the trainer has the weights of the last whole update.
 */
export interface FitOptions extends Limits {
  /** How many times the data is gone over, those before `resume` included. */
  readonly epochs: number;
  /** Samples an update; default 64. The last batch of an epoch may be smaller. */
  readonly batchSize?: number;
  /** Data that is evaluated after every epoch. */
  readonly validation?: Dataset;
  /** Called as training goes on, in this order. */
  readonly callbacks?: readonly Callback[];
  /** A checkpoint to go on from. */
  readonly resume?: Uint8Array;
}

/** An update that takes no longer is waited for when training is to end. */
const LONG_MS = 50;

/** A callback's functions. */
const HOOKS = ["onStart", "onBatch", "onEpoch", "onEnd"] as const;

/**
 * Trains over a data set, epoch by epoch, in an order that follows from the trainer's seed and the epoch alone. Gives
 * the history of epochs. The event loop gets its turns. Throws a UsageError for options and data that do not suit, what
 * the data and callbacks throw, a DivergenceError, a CheckpointError, and what ends its work: the signal's reason or a
 * TimeoutError.
 */
export async function trainEpochs(
  trainer: TrainingSession,
  data: Dataset,
  options: FitOptions,
): Promise<readonly EpochReport[]> {
  const { epochs, batchSize = DEFAULT_BATCH, validation, callbacks = [], resume } = checkedOptions(options);
  checkData("fit", trainer, data);
  if (validation !== undefined) checkData("fit: validation", trainer, validation);
  const size = Math.min(batchSize, data.length);
  const batches = Math.ceil(data.length / size);
  if (resume !== undefined) checkPosition(resume, batches);
  const pace = paceOf("fit", options);
  const lease = trainer.lease();
  const history: EpochReport[] = [];
  const loop: Loop = { trainer, lease, pace, data, size, batches, epochs };
  let control: StoppableControl;
  const tell = async <K extends (typeof HOOKS)[number]>(
    hook: K,
    ...told: Parameters<NonNullable<Callback[K]>> extends [...infer R, FitControl] ? R : never
  ): Promise<void> => {
    for (const callback of callbacks) {
      const call = callback[hook] as ((...given: unknown[]) => void | Promise<void>) | undefined;
      const waiting = call?.call(callback, ...told, control);
      if (waiting !== undefined) await pace.during(Promise.resolve(waiting));
    }
  };
  try {
    pace.check();
    const position = resume === undefined ? { epoch: 0, batch: 0 } : { ...lease.restore(resume) };
    control = controlOf(trainer, validation, position);
    await tell("onStart");
    while (position.epoch < epochs && !control.stopped) {
      const { epoch } = position;
      const began = performance.now();
      const first = position.batch;
      const training = await trainEpoch(loop, position, control, (report) => tell("onBatch", report));
      if (position.epoch === epoch) break;
      const seconds = (performance.now() - began) / 1000;
      const report: EpochReport = {
        epoch,
        epochs,
        training,
        // No update comes between: this fit alone makes them, and waits.
        validation: validation && (await evaluateAt(pace, trainer, validation, batchSize, trainer.forward())),
        seconds,
        samplesPerSecond: (data.length - first * size) / seconds,
      };
      history.push(report);
      await tell("onEpoch", report);
    }
  } finally {
    lease.end();
  }
  await tell("onEnd");
  return history;
}

interface Loop {
  readonly trainer: TrainingSession;
  readonly lease: Lease;
  readonly pace: Pace;
  readonly data: Dataset;
  /** Samples a batch, and batches an epoch. */
  readonly size: number;
  readonly batches: number;
  readonly epochs: number;
}

/** Where the data stands; moves on with every batch. */
interface Position {
  epoch: number;
  batch: number;
}

/** The batches that are left of an epoch, until it ends or is stopped; the means over them. */
async function trainEpoch(
  { trainer, lease, pace, data, size, batches, epochs }: Loop,
  position: Position,
  control: StoppableControl,
  onBatch: (report: BatchReport) => Promise<void>,
): Promise<Scores> {
  const { epoch } = position;
  const order = await pace.run(shuffling(data.length, trainer.options.seed ?? 0, epoch));
  const room = createBatch(data, size);
  const scores = scoreKeeper(trainer.options.metrics);
  const progress = { stepsPerEpoch: batches, epochs };
  let [lastMs, lastCount] = [0, 0];
  while (position.epoch === epoch && !control.stopped) {
    if (pace.due()) await pace.turn();
    pace.check();
    const began = performance.now();
    const { batch } = position;
    const from = batch * size;
    const count = Math.min(size, data.length - from);
    const reading = fillBatch(data, (place) => order[place] as number, from, count, epoch, room, pace);
    if (reading !== undefined) await reading;
    const tensors = tensorsOf(data, room);
    const updating = performance.now();
    // What takes long must be fit to be broken off, and what is done for the first time may.
    const long = pace.limited && (lastMs > LONG_MS || lastCount !== count);
    const work = lease.updating(tensors, progress, long);
    const { loss, output } = long ? await pace.run(work) : finish(work);
    lastMs = performance.now() - updating;
    lastCount = count;
    const last = batch + 1 === batches;
    position.epoch = last ? epoch + 1 : epoch;
    position.batch = last ? 0 : batch + 1;
    scores.add(loss, output, tensors.labels);
    const samplesPerSecond = (1000 * count) / (performance.now() - began);
    await onBatch({ epoch, epochs, batch: batch + 1, batches, step: trainer.step, loss, samplesPerSecond });
  }
  return scores.scores();
}

interface StoppableControl extends FitControl {
  readonly stopped: boolean;
}

function controlOf(
  trainer: TrainingSession,
  validation: Dataset | undefined,
  position: Readonly<Position>,
): StoppableControl {
  let stopped = false;
  return {
    trainer,
    validation,
    get stopped() {
      return stopped;
    },
    stop() {
      stopped = true;
    },
    checkpoint: () => trainer.checkpoint(position),
  };
}

function checkedOptions(options: FitOptions): FitOptions {
  const { epochs, batchSize, callbacks, resume } = objectOf("fit: the options", options);
  numberIn("fit: epochs", epochs, COUNT);
  if (batchSize !== undefined) numberIn("fit: batchSize", batchSize, COUNT);
  for (const callback of callbacks === undefined ? [] : arrayOf("fit: callbacks", callbacks)) {
    objectOf("fit: a callback", callback);
    for (const hook of HOOKS)
      if (callback[hook] !== undefined) functionOf(`fit: a callback's ${hook}`, callback[hook]);
  }
  if (resume !== undefined) bytesOf("fit: resume", resume);
  return options;
}

/** Throws a CheckpointError for one of a training whose epochs have fewer batches than it had done. */
function checkPosition(resume: Uint8Array, batches: number): void {
  const { epoch, batch } = decodeCheckpoint(resume);
  if (batch >= batches)
    throw new CheckpointError(
      `the checkpoint stands behind batch ${batch} of epoch ${epoch + 1}, an epoch now has ${batches}: resume with the same data and batchSize`,
    );
}
