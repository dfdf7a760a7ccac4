import { shown } from "../arguments.ts";
import { LanewiseError, UsageError } from "../errors.ts";
import type { CompileModule } from "./builds.ts";
import type { Heap } from "./memory.ts";

/** What running on several threads needs; sessions are handed it, so that only those who want threads download it. */
export interface Threading {
  /** Makes a module of the kernels for a shared memory. @internal */
  readonly compileModule: CompileModule;
  /** Starts as many workers as a session will want; resolves when they are ready. @internal */
  startWorkers(parts: number): Promise<void>;
  /** Puts `parts - 1` workers to work on a session's memory, and takes a control block of it. @internal */
  createTeam(parts: number, module: WebAssembly.Module, heap: Heap): Team;
  /** Why threads cannot be used here; undefined where they can. */
  missing(): string | undefined;
  /** Cores that this machine offers. */
  readonly cores: number;
}

/** A session's share of the workers. */
export interface Team {
  readonly parts: number;
  /** Tells the workers of a plan's bound steps, perhaps anew; gives the number to run it by. */
  bind(
    calls: readonly (KernelCall | undefined)[],
    beside: readonly WebAssembly.Module[],
    known?: number,
  ): number;
  /** The workers may forget a plan's steps. */
  forget(plan: number): void;
  /** Starts the plan on the workers, at a step; the caller runs part 0 and meets them after every step. */
  start(plan: number, from: number): void;
  /** Meets the workers after a step; with `part`, they leave the run then, and `start` can send them on. */
  meet(part?: boolean): void;
  release(): void;
}

export interface WorkerHandle {
  /** Resolves when the worker has started: before, it must not be waited for. */
  readonly ready: Promise<void>;
  post(message: WorkerMessage): void;
  /** Called once when the worker has died. */
  onDeath(listener: (reason: string) => void): void;
}

/** What the main thread tells a worker; `session` and `plan` are numbers it gave them. */
export type WorkerMessage =
  | {
      readonly kind: "load";
      readonly session: number;
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
      readonly control: number;
    }
  | {
      readonly kind: "bind";
      readonly session: number;
      readonly plan: number;
      readonly calls: readonly (KernelCall | undefined)[];
      /** The modules beside the main one that plans have needed so far. */
      readonly beside: readonly WebAssembly.Module[];
    }
  | {
      readonly kind: "run";
      readonly session: number;
      readonly plan: number;
      readonly part: number;
      readonly parts: number;
      /** The step to begin with. */
      readonly from: number;
    }
  | { readonly kind: "forget"; readonly session: number; readonly plan: number }
  | { readonly kind: "unload"; readonly session: number };

/** A bound kernel step; host steps are left out: only the main thread runs them. */
export interface KernelCall {
  readonly kernel: string;
  readonly args: readonly number[];
}

/** A thread died or stopped answering; the session cannot go on. */
export class WorkerError extends LanewiseError {
  override get name() {
    return "WorkerError" as const;
  }
  constructor(message: string) {
    super("ERR_WORKER", message);
  }
}

/** The number of threads to use for a wish; throws a UsageError for one that is no count. */
export function threadCount(wish: "auto" | number, threading: Threading | undefined): number {
  if (wish === "auto") {
    return threading === undefined || threading.missing() !== undefined
      ? 1
      : Math.min(threading.cores, MAX_AUTO_THREADS);
  }
  return wish;
}

/** Throws a UsageError for a wish that is none. */
export function checkThreads(wish: unknown): void {
  if (
    wish !== "auto" &&
    !(Number.isInteger(wish) && (wish as number) >= 1 && (wish as number) <= MAX_THREADS)
  )
    throw new UsageError(`threads ${shown(wish)}: expected "auto" or 1 to ${MAX_THREADS}`);
}

/** More threads than this are not asked for by themselves: memory bandwidth is spent by then. */
const MAX_AUTO_THREADS = 8;
const MAX_THREADS = 64;
