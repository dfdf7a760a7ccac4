import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
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

/** Writes a file so that it is there whole or as it was before, whatever happens on the way. */
export async function replaceBytes(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeBytes(temporary, bytes);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof ResourceError) throw cause;
    throw new ResourceError(`${path}: cannot write: ${reasonOf(cause)}`, { cause });
  }
}

/** Throws a ResourceError where a file could not be written because its folder is missing: before long work, not after. */
export async function checkFolderOf(path: string): Promise<void> {
  const folder = dirname(path);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new ResourceError(`${path}: cannot write: there is no folder ${folder}`);
}
