import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { UsageError } from "../../errors.ts";
import type { RuntimeValue } from "../../value.ts";
import type { PresetName } from "../../vision/index.ts";
import { type CommonOptions, print, printJson } from "../command.ts";
import { checkFolderOf } from "../files.ts";
import { readLabelsFile } from "../labels.ts";
import { type TopEntry, topClasses } from "../top-classes.ts";
import { batchProgress } from "./batch-progress.ts";
import { claimResults, type Job, sha256 } from "./job.ts";
import { lock } from "./lock.ts";
import { readModelFiles } from "./model-files.ts";
import { type ListedPicture, listPictures, type PictureList } from "./picture-list.ts";
import type { PictureTask } from "./picture-worker.ts";
import { appendResults, dropFailed, type Recorded, type Result, readResults } from "./results-file.ts";
import { failureLines, type Summary, summaryText } from "./summary.ts";
import { workOn } from "./work-on.ts";

export interface BatchOptions extends CommonOptions {
  readonly images: readonly string[];
  readonly out: string;
  readonly preset?: PresetName;
  readonly labels?: string;
  readonly top: number;
  readonly workers?: number;
  /** Seconds. */
  readonly timeout?: number;
  readonly retryFailed?: boolean;
}

/** Exit codes beside 0, every picture has its classes, and 1, the work could not be begun or not be gone on with. */
const SOME_FAILED = 2;
const STOPPED_BY = { SIGINT: 130, SIGTERM: 143 } as const;

/** What a timer takes. */
const MOST_MS = 2 ** 31 - 1;

type StopSignal = keyof typeof STOPPED_BY;

/**
 * Runs a classifier on every picture that the results do not have yet, and adds a line for each as soon as it is done. The
 * first Ctrl-C lets the pictures in work be finished, a second one ends the process at once.
 */
export async function batch(model: string, options: BatchOptions): Promise<void> {
  const stop = stopSignal();
  const list = await listPictures(options.images);
  await checkFolderOf(options.out);
  const unlock = await lock(options.out);
  let summary: Summary;
  try {
    const { task, job } = await prepare(model, options);
    const recorded = await openResults(options.out, job, options.retryFailed === true);
    summary = { model, ...(await addResults(task, list, recorded, options, stop)) };
  } finally {
    await unlock();
    stop.ignore();
  }
  if (options.json) printJson(summary);
  else print(summaryText(summary));
  for (const line of failureLines(summary)) process.stderr.write(`${line}\n`);
  if (summary.stopped_by !== null) process.exitCode = STOPPED_BY[summary.stopped_by];
  else if (summary.failed + summary.failed_before > 0) process.exitCode = SOME_FAILED;
}

/** What workers need, and how results tell whether it was this that made them. */
async function prepare(
  model: string,
  { preset, labels: labelsFile, top, timeout }: BatchOptions,
): Promise<{ task: PictureTask; job: Job }> {
  const labels = labelsFile === undefined ? undefined : await readLabelsFile(labelsFile);
  const files = await readModelFiles(model);
  const rank = (values: readonly RuntimeValue[]): TopEntry[] => {
    const ranked = topClasses(values, top, labels);
    if (ranked === undefined) throw new UsageError(`${model} gives no class scores`);
    return ranked;
  };
  return {
    task: { ...files, preset, rank, timeoutMs: timeout && Math.min(timeout * 1000, MOST_MS) },
    job: {
      model: files.hash,
      preset: preset ?? null,
      top,
      labels: labels === undefined ? null : sha256([JSON.stringify(labels)]),
    },
  };
}

/** What the results have, once they are known to be this job's: only then is anything done to the file. */
async function openResults(out: string, job: Job, retryFailed: boolean): Promise<Recorded> {
  const size = await stat(out).then(
    (found) => found.size,
    () => 0,
  );
  await claimResults(out, job, size > 0);
  const recorded = await readResults(out);
  if (!retryFailed || ![...recorded.values()].some(({ failed }) => failed)) return recorded;
  await dropFailed(out);
  return readResults(out);
}

/** Works on what the results lack, until it is done or a signal comes. */
async function addResults(
  task: PictureTask,
  { pictures, duplicates }: PictureList,
  recorded: Recorded,
  { out, workers: wanted }: BatchOptions,
  stop: { readonly signal: StopSignal | null },
): Promise<Omit<Summary, "model">> {
  const missing = pictures.filter(({ image }) => !recorded.has(image));
  const workers = Math.min(wanted ?? availableParallelism(), missing.length);
  const doneBy = new Array<number>(workers).fill(0);
  const failures: { image: string; message: string }[] = [];
  const results = appendResults(out);
  const progress = batchProgress(pictures.length, pictures.length - missing.length);
  const add = (result: Result, worker: number): void => {
    results.add(result);
    doneBy[worker] = (doneBy[worker] as number) + 1;
    const { image, error } = result;
    if (error !== undefined) failures.push({ image, message: error.message });
    progress.done(error !== undefined);
  };
  const left = missing.values();
  const next = (): ListedPicture | undefined => (stop.signal === null ? left.next().value : undefined);
  const began = performance.now();
  try {
    await workOn(task, workers, next, add);
  } finally {
    progress.end();
    results.close();
  }
  const done = doneBy.reduce((sum, count) => sum + count, 0);
  return {
    out,
    pictures: pictures.length,
    duplicates,
    done_before: pictures.length - missing.length,
    done,
    left: missing.length - done,
    failed_before: pictures.filter(({ image }) => recorded.get(image)?.failed).length,
    failed: failures.length,
    stopped_by: stop.signal,
    workers,
    done_by_worker: doneBy,
    seconds: (performance.now() - began) / 1000,
    failures,
  };
}

/** Takes note of the first signal that wants the process to end; the next one ends it. */
function stopSignal(): { readonly signal: StopSignal | null; ignore(): void } {
  let signal: StopSignal | null = null;
  const names = Object.keys(STOPPED_BY) as StopSignal[];
  const ignore = (): void => {
    for (const name of names) process.off(name, note);
  };
  const note = (name: NodeJS.Signals): void => {
    signal = name as StopSignal;
    ignore();
  };
  for (const name of names) process.on(name, note);
  return {
    get signal() {
      return signal;
    },
    ignore,
  };
}
