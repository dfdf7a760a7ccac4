import { fileURLToPath } from "node:url";
import { ResourceError } from "../errors.ts";
import type { Threading } from "../runtime/threading.ts";

export { readBeside, readLocal } from "./node-files.ts";

/** A local path where the address is one; undefined for anything to be fetched. */
export function localPath(address: string | URL): string | undefined {
  const text = String(address);
  if (text.startsWith("file:")) {
    try {
      return fileURLToPath(text);
    } catch (cause) {
      throw new ResourceError(`cannot read ${text}: ${(cause as Error).message}`, { cause });
    }
  }
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? undefined : text;
}

/** The threads entry, which is read only when threads are asked for. */
export const loadThreading = async (): Promise<Threading | undefined> =>
  (await import("../threads.ts")).threading;

/** Why this entry alone cannot use threads; undefined where it can. */
export const threadsNeed = (): string | undefined => undefined;
