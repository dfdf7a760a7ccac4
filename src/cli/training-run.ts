import { appendFile, readFile } from "node:fs/promises";
import { ResourceError } from "../errors.ts";
import type { Network } from "../nn/network.ts";
import { CheckpointError } from "../train/checkpoint.ts";
import type { Dataset } from "../train/data/dataset.ts";
import { DivergenceError } from "../train/errors.ts";
import type { Callback, EpochReport, FitControl } from "../train/fit.ts";
import { exportNetwork } from "../train/model-network.ts";
import type { Scores } from "../train/scores.ts";
import { compile, type Trainer } from "../train/trainer.ts";
import { print, printJson } from "./command.ts";
import { curvesSvg } from "./curves.ts";
import { checkFolderOf, readBytes, reasonOf, replaceBytes, writeBytes } from "./files.ts";
import { clock, progressLine } from "./progress.ts";
import type { TrainingCommandOptions } from "./training-flags.ts";
import { compileOptionsOf } from "./training-options.ts";

/** What there is to train, and what becomes of it. */
export interface TrainingTask {
  /** How the report calls it. */
  readonly name: string;
  readonly network: Network;
  readonly train: Dataset;
  readonly validation: Dataset | undefined;
  readonly test: Dataset | undefined;
  readonly classNames?: readonly string[] | undefined;
  /** What is written of the trained network; by default the network itself. */
  readonly finish?: (trained: Network) => Network;
}

/** An epoch as the log and the JSON document have it. */
interface EpochEntry {
  readonly epoch: number;
  readonly training: Scores;
  readonly validation?: Scores;
  readonly seconds: number;
  readonly samples_per_second: number;
}

/** Folders that are missing are found before training, not after. */
export async function checkOutputs(options: TrainingCommandOptions): Promise<void> {
  for (const path of [options.out, options.checkpoint, options.curves, options.log])
    if (path !== undefined) await checkFolderOf(path);
}

/**
 * Trains, with progress on stderr, and writes what the options ask for: a checkpoint after every epoch, a log line an
 * epoch, curves and the model at the end. With a validation set the best epoch's weights are the ones kept. Ctrl-C
 * stops after the batch, and the exit code is then 130; a second one ends the process at once.
 */
export async function runTraining(task: TrainingTask, options: TrainingCommandOptions): Promise<void> {
  const trainer = await compile(task.network, compileOptionsOf(options));
  const resume = options.resume === undefined ? undefined : await readBytes(options.resume);
  const done = resume === undefined ? 0 : restore(trainer, resume, options.resume as string).epoch;
  const entries = resume === undefined ? [] : await logged(options.log, done);
  const best = await bestKeeper(trainer, task, options);
  if (options.log !== undefined) await writeBytes(options.log, entries.map(line).join(""));
  if (!options.json) print(describe(task, options, trainer));

  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
  };
  process.once("SIGINT", interrupt);
  const bar = progress(options);
  const stopping: Callback = {
    onBatch(_, control) {
      if (interrupted) control.stop();
    },
    async onEpoch(report, control) {
      bar.done();
      const entry = entryOf(report);
      entries.push(entry);
      if (options.log !== undefined) await append(options.log, line(entry));
      await best.onEpoch(report, control);
      if (options.checkpoint !== undefined) await replaceBytes(options.checkpoint, control.checkpoint());
      if (!options.json) print(epochLine(report));
      if (interrupted) control.stop();
    },
    async onEnd(control) {
      if (interrupted && options.checkpoint !== undefined)
        await replaceBytes(options.checkpoint, control.checkpoint());
    },
  };
  const began = performance.now();
  try {
    await trainer.fit(task.train, {
      epochs: options.epochs,
      batchSize: options.batchSize,
      callbacks: [bar, stopping],
      ...(task.validation && { validation: task.validation }),
      ...(resume && { resume }),
    });
  } finally {
    bar.done();
    process.off("SIGINT", interrupt);
  }
  const seconds = (performance.now() - began) / 1000;
  const steps = trainer.step;
  const bestEpoch = best.restore();
  const test =
    interrupted || task.test === undefined
      ? undefined
      : await trainer.evaluate(task.test, { batchSize: options.batchSize });
  if (test !== undefined && !Number.isFinite(test.loss))
    throw new DivergenceError(
      steps,
      undefined,
      `the loss on the test set is ${test.loss} after update ${steps}: try a smaller --learning-rate or --clip-norm`,
    );
  // Throws where a weight is not finite: no such model is written.
  trainer.checkpoint();
  const { out, curves } = options;
  if (out !== undefined) {
    const trained = trainer.network();
    await replaceBytes(out, exportNetwork(task.finish === undefined ? trained : task.finish(trained)));
  }
  if (curves !== undefined) await writeBytes(curves, curvesOf(task.name, entries));
  trainer.release();
  if (interrupted) process.exitCode = 130;
  if (options.json)
    printJson({
      network: task.name,
      samples: {
        train: task.train.length,
        validation: task.validation?.length ?? 0,
        test: task.test?.length ?? 0,
      },
      ...(task.classNames && { classes: task.classNames }),
      epochs: entries,
      steps,
      seconds,
      ...(bestEpoch !== undefined && { best_epoch: bestEpoch }),
      ...(test && { test }),
      interrupted,
      ...(out !== undefined && { out }),
    });
  else for (const text of closing(options, interrupted, bestEpoch, test)) print(text);
}

/** Keeps the weights of the epoch with the best validation accuracy, beside the checkpoint too. */
async function bestKeeper(
  trainer: Trainer,
  { validation }: TrainingTask,
  { checkpoint, resume, batchSize }: TrainingCommandOptions,
): Promise<{
  onEpoch(report: EpochReport, control: FitControl): Promise<void>;
  /** Goes back to the best weights; the number of their epoch, from 1. */
  restore(): number | undefined;
}> {
  let kept: Uint8Array | undefined;
  let accuracy = Number.NEGATIVE_INFINITY;
  let epoch: number | undefined;
  if (resume !== undefined && validation !== undefined) {
    kept = await readFile(bestPath(resume)).catch(() => undefined);
    if (kept !== undefined) {
      epoch = restore(trainer, kept, bestPath(resume)).epoch;
      accuracy = (await trainer.evaluate(validation, { batchSize })).accuracy as number;
    }
  }
  return {
    async onEpoch(report, control) {
      const own = report.validation?.accuracy;
      if (own === undefined || own <= accuracy) return;
      accuracy = own;
      epoch = report.epoch + 1;
      kept = control.checkpoint();
      if (checkpoint !== undefined) await replaceBytes(bestPath(checkpoint), kept);
    },
    restore() {
      if (kept !== undefined) trainer.restore(kept);
      return epoch;
    },
  };
}

const bestPath = (checkpoint: string): string => `${checkpoint}.best`;

/** A progress line: where training stands, the loss, images a second and the time left. */
function progress({ epochs }: TrainingCommandOptions): Callback & { done(): void } {
  const line = progressLine();
  const began = performance.now();
  let first: number | undefined;
  let rate: number | undefined;
  return {
    onBatch({ epoch, batch, batches, loss, samplesPerSecond }) {
      const [done, all] = [epoch * batches + batch, epochs * batches];
      first ??= done - 1;
      rate = rate === undefined ? samplesPerSecond : 0.95 * rate + 0.05 * samplesPerSecond;
      const left = ((performance.now() - began) / 1000 / (done - first)) * (all - done);
      const text = `epoch ${epoch + 1}/${epochs}  loss ${loss.toFixed(4)}  ${Math.round(rate)} images/s`;
      line.update(`${text}  ${clock(left)} left`, done / all);
    },
    done: () => line.done(),
  };
}

const entryOf = ({ epoch, training, validation, seconds, samplesPerSecond }: EpochReport): EpochEntry => ({
  epoch: epoch + 1,
  training,
  ...(validation && { validation }),
  seconds,
  samples_per_second: samplesPerSecond,
});

const line = (entry: EpochEntry): string => `${JSON.stringify(entry)}\n`;

async function append(path: string, text: string): Promise<void> {
  try {
    await appendFile(path, text);
  } catch (cause) {
    throw new ResourceError(`${path}: cannot write: ${reasonOf(cause)}`, { cause });
  }
}

/** Goes back to a checkpoint from a file, which errors name. */
function restore(trainer: Trainer, bytes: Uint8Array, path: string): { readonly epoch: number } {
  try {
    return trainer.restore(bytes);
  } catch (error) {
    if (error instanceof CheckpointError) throw new CheckpointError(`${path}: ${error.message}`);
    throw error;
  }
}

/** The epochs that a log has from before the checkpoint, so that log and curves go on where they stood. */
async function logged(log: string | undefined, epoch: number): Promise<EpochEntry[]> {
  if (log === undefined) return [];
  const text = await readFile(log, "utf8").catch(() => "");
  return text.split("\n").flatMap((entry): EpochEntry[] => {
    try {
      const parsed = JSON.parse(entry) as EpochEntry;
      return parsed.epoch <= epoch ? [parsed] : [];
    } catch {
      return [];
    }
  });
}

const percent = (share: number | undefined): string => `${(100 * (share ?? Number.NaN)).toFixed(2)} %`;

function describe(
  task: TrainingTask,
  { epochs, batchSize }: TrainingCommandOptions,
  trainer: Trainer,
): string {
  const { graph, trainable } = task.network;
  let weights = 0;
  for (const name of trainable) weights += graph.facts.get(name)?.data?.data.length ?? 0;
  const parts = [
    `${task.train.length} samples`,
    ...(task.validation ? [`${task.validation.length} to validate`] : []),
    ...(task.test ? [`${task.test.length} to test`] : []),
  ];
  return `${task.name}: ${weights.toLocaleString("en")} weights to train, ${parts.join(", ")}; ${epochs} epoch${epochs === 1 ? "" : "s"} of batches of ${batchSize} with ${trainer.simd} SIMD`;
}

function epochLine({ epoch, epochs, training, validation, samplesPerSecond, seconds }: EpochReport): string {
  const scores = (name: string, { loss, accuracy }: Scores): string =>
    `${name} loss ${loss.toFixed(4)} accuracy ${percent(accuracy)}`;
  return [
    `epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`,
    scores("training", training),
    ...(validation ? [scores("validation", validation)] : []),
    `${Math.round(samplesPerSecond)} images/s, ${seconds.toFixed(1)} s`,
  ].join("  ");
}

function closing(
  { out, checkpoint, resume, epochs, curves }: TrainingCommandOptions,
  interrupted: boolean,
  bestEpoch: number | undefined,
  test: Scores | undefined,
): string[] {
  const saved = checkpoint ?? resume;
  return [
    ...(interrupted && checkpoint !== undefined
      ? [`stopped; go on with --resume ${saved} (and the same options, --epochs ${epochs} among them)`]
      : []),
    ...(interrupted && checkpoint === undefined
      ? ["stopped; without --checkpoint there is none to go on from"]
      : []),
    ...(bestEpoch === undefined
      ? []
      : [`kept the weights of epoch ${bestEpoch}, the best on the validation set`]),
    ...(test ? [`test loss ${test.loss.toFixed(4)} accuracy ${percent(test.accuracy)}`] : []),
    ...(out === undefined ? [] : [`wrote ${out}`]),
    ...(curves === undefined ? [] : [`wrote ${curves}`]),
  ];
}

function curvesOf(name: string, entries: readonly EpochEntry[]): string {
  const validated = entries.filter(({ validation }) => validation !== undefined);
  return curvesSvg(name, [
    { name: "training loss", values: entries.map(({ training }) => training.loss) },
    { name: "accuracy", values: entries.map(({ training }) => training.accuracy as number) },
    ...(validated.length === 0
      ? []
      : [
          { name: "validation loss", values: validated.map(({ validation }) => (validation as Scores).loss) },
          {
            name: "accuracy",
            values: validated.map(({ validation }) => (validation as Scores).accuracy as number),
          },
        ]),
  ]);
}
