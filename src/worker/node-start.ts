import { Worker } from "node:worker_threads";
import type { Port, SessionWorker } from "./connection.ts";
import type { Reply } from "./protocol.ts";

/** Workers of Node find files where the process does. */
export const absoluteAddress = (address: string | URL): string => String(address);

export function startSessionWorker(
  given: string | URL | SessionWorker | undefined,
  onReply: (reply: Reply) => void,
  onDeath: (reason: string) => void,
): Port {
  const worker =
    typeof given === "object" && !(given instanceof URL)
      ? (given as Worker)
      : // The process's own flags may be none for a thread: `--input-type`.
        new Worker(given ?? new URL("./session-worker.js", import.meta.url), { execArgv: [] });
  worker.on("message", onReply);
  worker.on("error", (error) => onDeath(error.message));
  worker.on("exit", (code) => onDeath(`exit code ${code}`));
  worker.unref();
  return {
    post: (request, transfer) => worker.postMessage(request, [...transfer]),
    hold(busy) {
      if (busy) worker.ref();
      else worker.unref();
    },
    terminate: () => void worker.terminate(),
  };
}
