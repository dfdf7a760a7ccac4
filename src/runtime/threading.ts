import { shown } from "../arguments.ts";
import { LanewiseError, UsageError } from "../errors.ts";
import type { Simd } from "./kernels.ts";

/** What running on several threads needs: the shared-memory builds, and a way to start a worker. */
export interface Threading {
  module(simd: Simd): WebAssembly.Module;
  startWorker(): WorkerHandle;
  /** Why threads cannot be used here; undefined where they can. */
  missing(): string | undefined;
  /** Cores that this machine offers. */
  readonly cores: number;
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
      /** The training kernels, once a plan has needed them. */
      readonly training: WebAssembly.Module | undefined;
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
  override readonly name = "WorkerError";
  constructor(message: string) {
    super("ERR_WORKER", message);
  }
}

// ── The barrier that all parts meet at after every step ───────────────────────────────────────────────────────────

/** Bytes of a session's control block, and the words in it. */
export const CONTROL_BYTES = 64;
const ARRIVED = 0;
/** Twice the number of times that all have met; odd where they were to part then. */
const GENERATION = 1;
const FAILED = 2;
/** Set by the main thread before it arrives: after this meeting the others leave the run. */
const PARTING = 3;
/** How many have taken up the run that began last. */
const PRESENT = 4;

/** Looks at the generation this often before it waits; about 50 µs. */
const SPINS = 20_000;

/** A thread that has not even begun by then is dead. */
const START_DEADLINE_MS = 30_000;
/** A part takes about as long as any other: one that takes so many times as long, and then some, is dead. */
const PATIENCE = 100;

export const controlView = (memory: WebAssembly.Memory, address: number): Int32Array =>
  new Int32Array(memory.buffer, address, CONTROL_BYTES / 4);

/** Tells that this part has taken up the run. */
export const takeUp = (control: Int32Array): number => Atomics.add(control, PRESENT, 1);

/** Tells the others that this part cannot go on: none of them ever will. */
export function failControl(control: Int32Array): void {
  Atomics.store(control, FAILED, 1);
  Atomics.notify(control, GENERATION);
}

/**
 * Returns when all `parts` have called it: spins first, then waits where the thread may (a browser's main thread may
 * not). Gives whether they part here. `waiting` is called now and then, and throws where there is nothing to wait for;
 * so does this, a WorkerError, when another part has failed.
 */
export function meet(control: Int32Array, parts: number, mayWait: boolean, waiting?: () => void): boolean {
  const generation = Atomics.load(control, GENERATION);
  if (Atomics.add(control, ARRIVED, 1) === parts - 1) {
    const next = ((generation | 1) + 1 + Atomics.exchange(control, PARTING, 0)) | 0;
    Atomics.store(control, ARRIVED, 0);
    Atomics.store(control, GENERATION, next);
    Atomics.notify(control, GENERATION);
    return (next & 1) === 1;
  }
  let now = Atomics.load(control, GENERATION);
  for (let i = 0; i < SPINS && now === generation; i++) now = Atomics.load(control, GENERATION);
  while (now === generation) {
    if (Atomics.load(control, FAILED) !== 0) throw new WorkerError("a thread failed while it ran a kernel");
    waiting?.();
    if (mayWait) Atomics.wait(control, GENERATION, generation, 100);
    now = Atomics.load(control, GENERATION);
  }
  return (now & 1) === 1;
}

// ── The workers ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Workers that all sessions of a process share. */
interface WorkerPool {
  readonly workers: WorkerHandle[];
  death: string | undefined;
}

const pools = new Map<Threading, WorkerPool>();
let lastSession = 0;

/** A session's share of the workers. */
export interface Team {
  readonly parts: number;
  /** Tells the workers of a plan's bound steps, perhaps anew; gives the number to run it by. */
  bind(
    calls: readonly (KernelCall | undefined)[],
    training: WebAssembly.Module | undefined,
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

/** Puts `parts - 1` workers to work on a session's memory; `control` is the address of its control block. */
export function createTeam(
  threading: Threading,
  parts: number,
  simd: Simd,
  memory: WebAssembly.Memory,
  control: number,
): Team {
  const pool = poolOf(threading, parts - 1);
  const crew = pool.workers.slice(0, parts - 1);
  const session = ++lastSession;
  const view = controlView(memory, control);
  const mayWait = typeof document === "undefined";
  let plans = 0;
  let began = 0;
  let arrived = 0;
  let present = 0;
  let broken: WorkerError | undefined;
  const lookForLife = (): void => {
    const absent = (present - Atomics.load(view, PRESENT)) | 0;
    const now = performance.now();
    if (arrived === 0) arrived = now;
    if (absent > 0 && now - began > START_DEADLINE_MS)
      throw new WorkerError(`${absent} threads did not begin within ${START_DEADLINE_MS / 1000} s`);
    if (now - arrived > START_DEADLINE_MS + PATIENCE * (arrived - began))
      throw new WorkerError(`a thread has not come for ${(now - arrived) / 1000} s`);
  };
  for (const worker of crew)
    worker.post({
      kind: "load",
      session,
      module: threading.module(simd),
      memory,
      control,
    });
  return {
    parts,
    bind(calls, training, plan = plans++) {
      for (const worker of crew) worker.post({ kind: "bind", session, plan, calls, training });
      return plan;
    },
    forget(plan) {
      for (const worker of crew) worker.post({ kind: "forget", session, plan });
    },
    start(plan, from) {
      if (pool.death !== undefined) throw new WorkerError(`a worker has died: ${pool.death}`);
      if (broken !== undefined) throw broken;
      began = performance.now();
      present = (present + crew.length) | 0;
      crew.forEach((worker, i) => {
        worker.post({ kind: "run", session, plan, part: i + 1, parts, from });
      });
    },
    meet(part = false) {
      if (part) Atomics.store(view, PARTING, 1);
      arrived = 0;
      try {
        meet(view, parts, mayWait, lookForLife);
      } catch (error) {
        // Those that still wait at this barrier must leave it, and no later run can count on them.
        failControl(view);
        broken = error as WorkerError;
        throw error;
      }
    },
    release() {
      for (const worker of crew) worker.post({ kind: "unload", session });
    },
  };
}

function poolOf(threading: Threading, count: number): WorkerPool {
  let pool = pools.get(threading);
  // A pool that lost a worker is left to its sessions, which will say so; new ones get a new pool.
  if (pool === undefined || pool.death !== undefined) {
    pool = { workers: [], death: undefined };
    pools.set(threading, pool);
  }
  const own = pool;
  while (own.workers.length < count) {
    const worker = threading.startWorker();
    worker.onDeath((reason) => {
      own.death = reason;
    });
    own.workers.push(worker);
  }
  return own;
}

/** Starts as many workers as a session will want; resolves when they are ready. */
export async function startWorkers(threading: Threading, parts: number): Promise<void> {
  const pool = poolOf(threading, parts - 1);
  await Promise.all(pool.workers.slice(0, parts - 1).map((worker) => worker.ready));
  if (pool.death !== undefined) throw new WorkerError(`a worker did not start: ${pool.death}`);
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
