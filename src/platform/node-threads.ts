import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { WorkerHandle } from "../runtime/threading.ts";

export const cores = (): number => availableParallelism();

/** Why threads cannot be used here; undefined where they can. */
export const threadsMissing = (): string | undefined => undefined;

/** Starts a worker that does not keep the process alive. */
export function startWorker(): WorkerHandle {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  worker.unref();
  let dead: ((reason: string) => void) | undefined;
  const ready = new Promise<void>((resolve) => {
    worker.once("message", () => resolve());
    worker.once("exit", () => resolve());
  });
  worker.once("error", (error) => dead?.(error.message));
  worker.once("exit", (code) => dead?.(`exit code ${code}`));
  return {
    ready,
    post: (message) => worker.postMessage(message),
    onDeath(listener) {
      dead = listener;
    },
  };
}
