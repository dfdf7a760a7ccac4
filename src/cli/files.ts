import { readFile, writeFile } from "node:fs/promises";
import { ResourceError } from "../errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EISDIR: "is a directory",
  ENOTDIR: "a part of the path is not a directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOSPC: "no space left on the device",
  EROFS: "the file system is read-only",
};

/** What went wrong, in words, without the path. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return (code && REASONS[code]) ?? (error instanceof Error ? error.message : String(error));
}

/** A file's bytes, or a ResourceError that names path and reason. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ResourceError(`${path}: cannot read: ${reasonOf(cause)}`, { cause });
  }
}

/** Writes a file, or throws a ResourceError that names path and reason. */
export async function writeBytes(path: string, bytes: Uint8Array | string): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    throw new ResourceError(`${path}: cannot write: ${reasonOf(cause)}`, { cause });
  }
}
