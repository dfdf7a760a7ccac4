import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import script from "../../build/node-worker.txt";
import type { WorkerHandle } from "../runtime/threading.ts";

export const cores = (): number => availableParallelism();

/** Why threads cannot be used here; undefined where they can. */
export const threadsMissing = (): string | undefined => undefined;

/** Starts a worker that does not keep the process alive. */
export function startWorker(url?: string | URL): WorkerHandle {
  const worker =
    url === undefined ? new Worker(script, { eval: true, execArgv: [] }) : new Worker(url, { execArgv: [] });
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
