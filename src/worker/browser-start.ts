import text from "../../build/browser-session-worker.txt";
import { startScript } from "../platform/browser-script.ts";
import type { Port, SessionWorker } from "./connection.ts";
import type { Reply } from "./protocol.ts";

/** An address as the page means it, for a worker whose own address is another. */
export const absoluteAddress = (address: string | URL): string =>
  new URL(address, globalThis.document?.baseURI ?? location.href).href;

export function startSessionWorker(
  given: string | URL | SessionWorker | undefined,
  onReply: (reply: Reply) => void,
  onDeath: (reason: string) => void,
): Port {
  const source =
    given === undefined
      ? { text, file: () => new URL("./session-worker.js", import.meta.url) }
      : typeof given === "string" || given instanceof URL
        ? { url: given }
        : { worker: given as Worker };
  const script = startScript(
    source,
    (data) => {
      if (data !== "ready") onReply(data as Reply);
    },
    onDeath,
  );
  return { ...script, hold() {} };
}
