import { ResourceError } from "../errors.ts";

/** Browsers have no local paths: every address is fetched. */
export function localPath(_address: string | URL): string | undefined {
  return undefined;
}

export async function readLocal(path: string): Promise<Uint8Array> {
  throw new ResourceError(`cannot read ${path}: no file system here`);
}

export const besideLocal = (_path: string, name: string): string => name;
