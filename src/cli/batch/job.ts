import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ResourceError } from "../../errors.ts";
import { reasonOf, replaceBytes } from "../files.ts";

/** What made the results in a file: only the same may add to them. */
export interface Job {
  /** SHA-256 of the model's bytes, with those of its external data. */
  readonly model: string;
  /** The preset asked for; null for the one that suits the model. */
  readonly preset: string | null;
  readonly top: number;
  /** SHA-256 of the labels; null where there are none. */
  readonly labels: string | null;
}

/** How the command line says a job's parts. */
const SAID: Readonly<Record<keyof Job, (value: Job[keyof Job]) => string>> = {
  model: (hash) => `another model (SHA-256 ${String(hash).slice(0, 12)}…)`,
  preset: (name) => (name === null ? "no --preset" : `--preset ${name}`),
  top: (count) => `--top ${count}`,
  labels: (hash) => (hash === null ? "no --labels" : "other --labels"),
};

/** The file beside the results that says what made them. */
export const jobPath = (results: string): string => `${results}.job.json`;

export function sha256(parts: Iterable<Uint8Array | string>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/**
 * Lets a job add to a results file, and writes down that it does where there are none yet. Throws a ResourceError that says
 * what differs where the results are another job's.
 */
export async function claimResults(results: string, job: Job, hasResults: boolean): Promise<void> {
  const before = hasResults ? await readJob(results) : undefined;
  const other = (Object.keys(SAID) as (keyof Job)[]).find(
    (part) => before !== undefined && before[part] !== job[part],
  );
  if (before !== undefined && other !== undefined)
    throw new ResourceError(
      `${results}: its results were made with ${SAID[other](before[other])}: choose another --out, or delete the file`,
    );
  if (before === undefined) await replaceBytes(jobPath(results), `${JSON.stringify(job, undefined, 2)}\n`);
}

async function readJob(results: string): Promise<Job> {
  const path = jobPath(results);
  try {
    return JSON.parse(await readFile(path, "utf8")) as Job;
  } catch (cause) {
    throw new ResourceError(
      `${results}: has results, and ${path}, which says what made them, cannot be read: ${reasonOf(cause)}`,
      { cause },
    );
  }
}
