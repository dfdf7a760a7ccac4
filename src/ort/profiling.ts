import type { StepTime } from "../index.ts";

/** One event of the format that chrome://tracing and Perfetto read; times are in microseconds. */
interface TraceEvent {
  readonly cat: "Session" | "Node";
  readonly name: string;
  readonly ph: "X";
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, string>>;
}

/** The times of a session's runs and of their steps, while they are recorded. */
export interface Profile {
  start(): void;
  /** Ends the recording; gives what was recorded as a Chrome trace, undefined where nothing was being recorded. */
  end(): string | undefined;
  /** To be called with each step's time; undefined while nothing is recorded. */
  readonly onStep: ((time: StepTime) => void) | undefined;
  /** Takes down what lasted from a `performance.now()` until now. */
  record(name: string, since: number): void;
}

export function createProfile(): Profile {
  let events: TraceEvent[] | undefined;
  let lastStepEnd = 0;
  const add = (cat: TraceEvent["cat"], name: string, since: number, ms: number, args = {}): void => {
    const place = { ph: "X", pid: 0, tid: 0 } as const;
    events?.push({ cat, name, ...place, ts: Math.round(since * 1000), dur: Math.round(ms * 1000), args });
  };
  const onStep = ({ node, op, kernel, ms }: StepTime): void => {
    // Steps come one after the other; what a worker says of several may come at once.
    const since = Math.max(performance.now() - ms, lastStepEnd);
    lastStepEnd = since + ms;
    add("Node", `${node}_kernel_time`, since, ms, { op_name: op, kernel, provider: "lanewise" });
  };
  return {
    start() {
      events ??= [];
    },
    end() {
      const trace = events && JSON.stringify(events);
      events = undefined;
      return trace;
    },
    get onStep() {
      return events && onStep;
    },
    record: (name, since) => add("Session", name, since, performance.now() - since),
  };
}

/** Where there are files, and a module can have them without asking for them at its import. */
interface FileSystem {
  writeFileSync(path: string, text: string): void;
}

/** Writes a trace to a file in the working folder, named like onnxruntime's; where there are no files, to the console. */
export function writeTrace(trace: string, prefix = "onnxruntime_profile_"): void {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): FileSystem | undefined } };
  const files = process?.getBuiltinModule?.("node:fs");
  const now = new Date().toISOString().replace(/\..*/, "").replaceAll(":", "-").replace("T", "_");
  if (files === undefined) console.log(trace);
  else files.writeFileSync(`${prefix}_${now}.json`, trace);
}
