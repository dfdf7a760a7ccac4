import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Reply, Request } from "./child.ts";
import { finding, type Verdict } from "./verdict.ts";

/** What one case may take before it counts as hung or greedy: processor time, in seconds, and memory. */
export interface Allowance {
  readonly cpuSeconds: number;
  readonly bytes: number;
}

export const ALLOWANCE: Allowance = { cpuSeconds: 12, bytes: 2 ** 31 };

const POLL_MS = 100;
/** Where the system does not say what a process has used, a case may take this many times as long by the clock. */
const CLOCK_FACTOR = 10;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** A process that runs cases; where one hangs, crashes or takes too much memory, that is its verdict and the next gets a new process. */
export interface Watched {
  ask(request: Request): Promise<Reply>;
  /** Processor time of all its processes, in seconds. */
  cpuSeconds(): number;
  stop(): void;
}

export function createWatched(childPath: string, allowance = ALLOWANCE): Watched {
  let child: ChildProcess | undefined;
  let spent = 0;

  const start = (): Promise<ChildProcess> =>
    new Promise((resolve, reject) => {
      const started = fork(childPath, {
        execArgv: ["--experimental-wasm-relaxed-simd", "--max-old-space-size=1536", "--enable-source-maps"],
        serialization: "advanced",
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      });
      started.once("message", () => resolve(started));
      started.once("error", reject);
    });

  const end = (): void => {
    if (child === undefined) return;
    spent += usage(child).cpuSeconds;
    child.kill("SIGKILL");
    child = undefined;
  };

  return {
    async ask(request) {
      child ??= await start();
      const own = child;
      const before = usage(own).cpuSeconds;
      const since = performance.now();
      let complaint = "";
      const listen = (text: Buffer): void => {
        complaint = (complaint + text).slice(-2000);
      };
      own.stderr?.on("data", listen);
      let watch: NodeJS.Timeout | undefined;
      const verdict = await new Promise<Reply>((resolve) => {
        const give = (what: Verdict): void => {
          end();
          resolve({ verdict: what });
        };
        own.once("message", (reply: Reply) => resolve(reply));
        own.send(request);
        own.once("exit", (code, signal) => {
          if (child === own) child = undefined;
          resolve({ verdict: finding(`crash ${signal ?? code}`, complaint) });
        });
        watch = setInterval(() => {
          const { cpuSeconds, bytes } = usage(own);
          const clock = (performance.now() - since) / 1000;
          if (bytes > allowance.bytes) give(finding("memory", `the process grew to ${bytes} bytes`));
          else if (cpuSeconds - before > allowance.cpuSeconds || clock > allowance.cpuSeconds * CLOCK_FACTOR)
            give(finding("hang", `no end after ${(cpuSeconds - before).toFixed(1)} s of processor time`));
        }, POLL_MS);
      });
      clearInterval(watch);
      own.stderr?.off("data", listen);
      own.removeAllListeners("message");
      own.removeAllListeners("exit");
      return verdict;
    },
    cpuSeconds: () => spent + (child === undefined ? 0 : usage(child).cpuSeconds),
    stop: end,
  };
}

/** What a process has used so far, as Linux tells it; zeros elsewhere. */
function usage({ pid }: ChildProcess): { cpuSeconds: number; bytes: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuSeconds: ticks / TICKS_PER_SECOND, bytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    return { cpuSeconds: 0, bytes: 0 };
  }
}
