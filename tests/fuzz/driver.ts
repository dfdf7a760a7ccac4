import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawCase, type FuzzCase, lineOf, type Target } from "./cases.ts";
import type { Places } from "./corpus.ts";
import type { Verdict } from "./verdict.ts";
import type { Watched } from "./watched.ts";

export interface FuzzOptions {
  readonly targets: readonly Target[];
  readonly seed: number;
  readonly places: Places;
  /** What runs the cases. */
  readonly watched: Watched;
  /** Ends after this many cases of each target, or after this much time. */
  readonly cases?: number | undefined;
  readonly minutes?: number | undefined;
  /** Ends with the first finding of such a bucket, without reducing it. */
  readonly until?: RegExp | undefined;
  /** The name of a planted fault. */
  readonly fault?: string | undefined;
  /** Where findings are saved. */
  readonly folder?: string | undefined;
  readonly log?: (line: string) => void;
  /** Ends after the case under way. */
  readonly signal?: AbortSignal | undefined;
}

export interface Finding {
  readonly bucket: string;
  readonly message: string;
  /** What replays it, with as few edits as show it. */
  readonly line: string;
  count: number;
}

export interface FuzzReport {
  /** Cases of each target by what came of them. */
  readonly counts: Readonly<Record<string, Record<Verdict["status"], number>>>;
  readonly findings: readonly Finding[];
  readonly cpuSeconds: number;
}

/** What these draw is run as it is. */
const UNBROKEN: readonly Target[] = ["graphs", "training"];

const NOTE_MS = 60_000;
/** Processes live this long, so that what one case leaves behind meets many others. */
const CASES_A_TURN = 25;

/** Runs drawn cases of each target in turn; each new finding is reduced and saved. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { targets, seed, places, watched, minutes, until, fault, log, cases = Infinity } = options;
  const counts = Object.fromEntries(
    targets.map((target) => [target, { ran: 0, refused: 0, skipped: 0, finding: 0 }]),
  );
  const findings = new Map<string, Finding>();
  const end = minutes === undefined ? Infinity : performance.now() + minutes * 60_000;
  const ask = async (given: FuzzCase): Promise<Verdict> =>
    (await watched.ask({ given, places, fault })).verdict as Verdict;
  let stopped = false;
  let nextNote = performance.now() + NOTE_MS;
  for (let round = 0; round < cases && !stopped; round += CASES_A_TURN) {
    for (const [k, target] of targets.entries()) {
      for (let i = round; i < Math.min(round + CASES_A_TURN, cases) && !stopped; i++) {
        if (performance.now() > end || options.signal?.aborted === true) stopped = true;
        const given = drawCase(target, mixed(seed, i * targets.length + k), places);
        const verdict = await ask(given);
        (counts[target] as Record<Verdict["status"], number>)[verdict.status]++;
        if (verdict.status !== "finding") continue;
        const bucket = `${target}, ${verdict.bucket}`;
        const known = findings.get(bucket);
        if (known !== undefined) known.count++;
        else {
          const found =
            until === undefined ? await reduced(given, verdict, options, ask) : asDrawn(given, verdict);
          findings.set(bucket, found);
          log?.(`${bucket}: ${found.line}\n    ${verdict.message.split("\n").slice(0, 3).join("\n    ")}`);
        }
        if (until?.test(verdict.bucket)) stopped = true;
      }
    }
    if (performance.now() > nextNote) {
      log?.(summary(counts, findings.size, watched.cpuSeconds()));
      nextNote = performance.now() + NOTE_MS;
    }
  }
  return { counts, findings: [...findings.values()], cpuSeconds: watched.cpuSeconds() };
}

/** Seeds of neighbouring runs must not meet. */
const mixed = (seed: number, i: number): number => (Math.imul(seed + 1, 0x2545f491) + i) >>> 0;

export const summary = (counts: FuzzReport["counts"], findings: number, cpuSeconds: number): string =>
  [
    ...Object.entries(counts).map(
      ([target, { ran, refused, skipped, finding }]) =>
        `${target} ${ran + refused + skipped + finding} (${ran} ran, ${refused} refused, ${finding} wrong)`,
    ),
    `${findings} findings`,
    `${cpuSeconds.toFixed(0)} s of processor time`,
  ].join(", ");

const asDrawn = (given: FuzzCase, { bucket, message }: { bucket: string; message: string }): Finding => ({
  bucket,
  message,
  line: lineOf(given),
  count: 1,
});

/** Leaves out every edit that the finding does not need, and saves what is left. */
async function reduced(
  given: FuzzCase,
  verdict: Extract<Verdict, { status: "finding" }>,
  { places, folder, watched }: FuzzOptions,
  ask: (given: FuzzCase) => Promise<Verdict>,
): Promise<Finding> {
  let least = given;
  if (!UNBROKEN.includes(given.target)) {
    let { edits = [] } = await watched.ask({ given, places, bytes: true });
    for (const edit of [...edits].reverse()) {
      const fewer = edits.filter((other) => other !== edit);
      const again = await ask({ ...given, edits: fewer });
      if (again.status === "finding" && again.bucket === verdict.bucket) edits = fewer;
    }
    least = { ...given, edits };
  }
  const line = lineOf(least);
  if (folder !== undefined) await save(folder, least, line, verdict, watched, places);
  return { bucket: verdict.bucket, message: verdict.message, line, count: 1 };
}

async function save(
  folder: string,
  least: FuzzCase,
  line: string,
  { bucket, message }: { readonly bucket: string; readonly message: string },
  watched: Watched,
  places: Places,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, line.replace(/[^\w.,-]+/g, "_"));
  writeFileSync(`${path}.txt`, `${bucket}\nnpm run fuzz -- --case ${line}\n\n${message}\n`);
  if (UNBROKEN.includes(least.target)) return;
  const { bytes, external } = await watched.ask({ given: least, places, bytes: true });
  if (bytes !== undefined)
    writeFileSync(`${path}.${least.target === "checkpoints" ? "ckpt" : "onnx"}`, bytes);
  for (const [name, data] of Object.entries(external ?? {})) writeFileSync(`${path}.${name}`, data);
}
