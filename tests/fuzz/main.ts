// The command `npm run fuzz`.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { caseOf, TARGETS, type Target } from "./cases.ts";
import { fuzz, summary } from "./driver.ts";
import { createWatched } from "./watched.ts";

const HELP = `npm run fuzz -- [--seed N] [--minutes M] [--cases N] [--target ${TARGETS.join("|")}] [--case LINE|FILE]
Breaks models and checkpoints and runs random networks, without end unless --minutes or --cases (of each target) say so.
Findings are saved in build/fuzz/findings; --case replays one.`;

/** Runs the command; gives its exit status. */
export async function main(args: readonly string[], root: string, child: string): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      minutes: { type: "string" },
      cases: { type: "string" },
      target: { type: "string", multiple: true },
      case: { type: "string" },
      fault: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return print(HELP, 0);
  const places = { root, data: process.env.LANEWISE_DATA ?? join(root, "../shared/data") };
  const watched = createWatched(child);
  if (values.case !== undefined) {
    const { verdict } = await watched.ask({ given: caseOf(values.case), places, fault: values.fault });
    watched.stop();
    if (verdict?.status !== "finding") return print(`${values.case}: ${verdict?.status}`, 0);
    return print(`${verdict.bucket}\n${verdict.message}`, 1);
  }
  const targets = (values.target ?? TARGETS).flatMap((name) => name.split(",")) as Target[];
  const unknown = targets.filter((name) => !TARGETS.includes(name));
  if (unknown.length > 0) return print(`no target ${unknown.join(", ")}\n${HELP}`, 2);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const { counts, findings, cpuSeconds } = await fuzz({
    targets,
    seed,
    places,
    watched,
    cases: values.cases === undefined ? undefined : Number(values.cases),
    minutes: values.minutes === undefined ? undefined : Number(values.minutes),
    fault: values.fault,
    folder: join(root, "build/fuzz/findings"),
    log: console.log,
    signal: interrupted.signal,
  });
  watched.stop();
  const lines = findings.map(
    ({ bucket, line, count }) => `${count} × ${bucket}: npm run fuzz -- --case ${line}`,
  );
  return print(
    [...lines, `seed ${seed}: ${summary(counts, findings.length, cpuSeconds)}`].join("\n"),
    findings.length > 0 ? 1 : 0,
  );
}

function print(text: string, status: number): number {
  console.log(text);
  return status;
}
