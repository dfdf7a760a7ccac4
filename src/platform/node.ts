import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ResourceError } from "../errors.ts";

/** A local path where the address is one; undefined for anything to be fetched. */
export function localPath(address: string | URL): string | undefined {
  const text = String(address);
  if (text.startsWith("file:")) return fileURLToPath(text);
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? undefined : text;
}

export async function readLocal(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ResourceError(`cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** The path of a file beside another. */
export const besideLocal = (path: string, name: string): string => join(dirname(path), name);
