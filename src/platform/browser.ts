import { ResourceError } from "../errors.ts";
import type { Threading } from "../runtime/threading.ts";
import { NOT_ISOLATED } from "./browser-isolation.ts";

/** Browsers have no local paths: every address is fetched. */
export function localPath(_address: string | URL): string | undefined {
  return undefined;
}

export async function readLocal(path: string): Promise<Uint8Array> {
  throw new ResourceError(`cannot read ${path}: no file system here`);
}

export const readBeside = readLocal;

/** In browsers the shared-memory builds come with `lanewise/threads`, so that nobody downloads them unasked. */
export async function loadThreading(): Promise<Threading | undefined> {
  return undefined;
}

/** Why this entry alone cannot use threads; undefined where it can. */
export function threadsNeed(): string | undefined {
  if (globalThis.crossOriginIsolated !== true) {
    return NOT_ISOLATED;
  }
  return 'hand `threading` of "lanewise/threads" to create';
}
