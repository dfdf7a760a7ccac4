import text from "../../build/browser-worker.txt";
import type { WorkerHandle } from "../runtime/threading.ts";
import { NOT_ISOLATED } from "./browser-isolation.ts";
import { startScript } from "./browser-script.ts";

export const cores = (): number => navigator.hardwareConcurrency ?? 1;

/** Why threads cannot be used here; undefined where they can. */
export function threadsMissing(): string | undefined {
  // Engines ignore the headers of pages that came over plain http, but for this machine's own.
  if (globalThis.crossOriginIsolated === false)
    return isSecureContext ? NOT_ISOLATED : `${NOT_ISOLATED}, and over https`;
  if (typeof SharedArrayBuffer !== "undefined") return undefined;
  // WebKitGTK keeps it from all pages: headers do not help there.
  return "the engine has no SharedArrayBuffer, not even for pages that are cross-origin isolated";
}

/** Starts a worker, from the script that the bundle carries or from where the same is served. */
export function startWorker(url?: string | URL): WorkerHandle {
  let dead: ((reason: string) => void) | undefined;
  let started: () => void;
  const ready = new Promise<void>((resolve) => {
    started = resolve;
  });
  const script = startScript(
    url === undefined ? { text, file: () => new URL("./thread-worker.js", import.meta.url) } : { url },
    () => started(),
    (reason) => {
      dead?.(reason);
      started();
    },
  );
  return {
    ready,
    post: (message) => script.post(message),
    onDeath(listener) {
      dead = listener;
    },
  };
}
