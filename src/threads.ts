/**
 * What threads take, handed to `InferenceSession.create` as `threading`. Browsers need a page that is isolated from other
 * origins (`Cross-Origin-Opener-Policy: same-origin`, `Cross-Origin-Embedder-Policy: require-corp`).
 *
 * @module lanewise/threads
 */
import { cores, startWorker, threadsMissing } from "#platform-threads";
import { createThreading } from "./runtime/team.ts";
import type { Threading } from "./runtime/threading.ts";

/**
 * Threads whose workers start from an address instead of a blob, for pages whose policy forbids blobs:
 * `lanewise/thread-worker.js`, served by yourself.
 *
 * @param options.workerUrl - Where you serve it.
 */
export const threadingFrom = (options: { readonly workerUrl: string | URL }): Threading =>
  createThreading({
    cores: cores(),
    missing: threadsMissing,
    startWorker: () => startWorker(options.workerUrl),
  });

/** Pass as the session option `threading`; in Node `threads` alone does the same. */
export const threading: Threading = /* @__PURE__ */ createThreading({
  cores: cores(),
  missing: threadsMissing,
  startWorker: () => startWorker(),
});
