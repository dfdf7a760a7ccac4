import { UsageError } from "../errors.ts";
import { CONTROL_BYTES, controlView, failControl, meet, PARTING, PRESENT } from "./barrier.ts";
import { compilingOnce } from "./carried-modules.ts";
import type { Heap } from "./memory.ts";
import { withSharedMemory } from "./shared-memory.ts";
import { type Team, type Threading, WorkerError, type WorkerHandle } from "./threading.ts";

/** A thread that has not even begun by then is dead. */
const START_DEADLINE_MS = 30_000;
/** A part takes about as long as any other: one that takes so many times as long, and then some, is dead. */
const PATIENCE = 100;

/** Workers that all sessions of a process share. */
interface WorkerPool {
  readonly workers: WorkerHandle[];
  death: string | undefined;
}

/** What a platform has of workers. */
export type Workers = Pick<Threading, "cores" | "missing"> & { startWorker(): WorkerHandle };

/** Threads on workers that all sessions share. */
export function createThreading({ cores, missing, startWorker }: Workers): Threading {
  let pool: WorkerPool = { workers: [], death: undefined };

  /** The pool, with as many workers. One that lost a worker is left to its sessions, which will say so. */
  const poolOf = (count: number): WorkerPool => {
    if (pool.death !== undefined) pool = { workers: [], death: undefined };
    const own = pool;
    while (own.workers.length < count) {
      const worker = startWorker();
      worker.onDeath((reason) => {
        own.death = reason;
      });
      own.workers.push(worker);
    }
    return own;
  };

  return {
    cores,
    missing,
    compileModule: compilingOnce((bytes) => new WebAssembly.Module(withSharedMemory(bytes))),
    async startWorkers(parts) {
      const reason = missing();
      if (reason !== undefined) throw new UsageError(`threads are not available: ${reason}`);
      const own = poolOf(parts - 1);
      await Promise.all(own.workers.slice(0, parts - 1).map((worker) => worker.ready));
      if (own.death !== undefined) throw new WorkerError(`a worker did not start: ${own.death}`);
    },
    createTeam: (parts, module, heap) => createTeam(poolOf(parts - 1), parts, module, heap),
  };
}

let lastSession = 0;

function createTeam(pool: WorkerPool, parts: number, module: WebAssembly.Module, heap: Heap): Team {
  const crew = pool.workers.slice(0, parts - 1);
  const session = ++lastSession;
  const control = heap.reserve(CONTROL_BYTES);
  const { memory } = heap;
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
  for (const worker of crew) worker.post({ kind: "load", session, module, memory, control });
  return {
    parts,
    bind(calls, beside, plan = plans++) {
      for (const worker of crew) worker.post({ kind: "bind", session, plan, calls, beside });
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
