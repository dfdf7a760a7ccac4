import { Worker } from "node:worker_threads";
import { brotliDecompressSync } from "node:zlib";
import packedScript from "#session-script";
import type { Port, SessionWorker } from "./connection.ts";
import type { Reply } from "./protocol.ts";

/** Workers of Node find files where the process does. */
export const absoluteAddress = (address: string | URL): string => String(address);

/** The process's own flags may be none for a thread: `--input-type`. */
const execArgv: string[] = [];

/** From text where nothing is given: what bundles an application for servers need not know of a file beside it. */
function workerOf(given: string | URL | SessionWorker | undefined): Worker {
  if (given === undefined) {
    const script = String(brotliDecompressSync(Buffer.from(packedScript, "base64")));
    return new Worker(script, { eval: true, execArgv });
  }
  if (typeof given === "string" || given instanceof URL) return new Worker(given, { execArgv });
  return given as Worker;
}

export function startSessionWorker(
  given: string | URL | SessionWorker | undefined,
  onReply: (reply: Reply) => void,
  onDeath: (reason: string) => void,
): Port {
  const worker = workerOf(given);
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
