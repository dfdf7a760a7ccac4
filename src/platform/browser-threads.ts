import type { WorkerHandle } from "../runtime/threading.ts";
import { NOT_ISOLATED } from "./browser-isolation.ts";

export const cores = (): number => navigator.hardwareConcurrency ?? 1;

/** Why threads cannot be used here; undefined where they can. */
export function threadsMissing(): string | undefined {
  if (typeof SharedArrayBuffer === "undefined" || globalThis.crossOriginIsolated === false) {
    return NOT_ISOLATED;
  }
  return undefined;
}

export function startWorker(): WorkerHandle {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  let dead: ((reason: string) => void) | undefined;
  const ready = new Promise<void>((resolve) => {
    worker.addEventListener("message", () => resolve(), { once: true });
    worker.addEventListener("error", (event) => {
      dead?.(event.message || "the worker's script could not be loaded");
      resolve();
    });
  });
  return {
    ready,
    post: (message) => worker.postMessage(message),
    onDeath(listener) {
      dead = listener;
    },
  };
}
