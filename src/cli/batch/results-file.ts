import { appendFileSync, closeSync, openSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { ResourceError } from "../../errors.ts";
import { reasonOf } from "../files.ts";
import type { TopEntry } from "../top-classes.ts";

/** A picture's line: what its line of the list says, and what came of it. */
export interface Result {
  readonly image: string;
  readonly top?: readonly TopEntry[];
  readonly error?: { readonly code: string; readonly message: string };
  readonly [field: string]: unknown;
}

/** What a results file has: by picture, whether it failed. */
export type Recorded = ReadonlyMap<string, { readonly failed: boolean }>;

/** Bytes that are read at once in search of a line's end. */
const CHUNK_BYTES = 65_536;
const NEWLINE = 0x0a;

/**
 * The pictures that a results file has, none where there is no file. A line is written with its end in one go, so one
 * without an end is what a process left that was ended while it wrote: it is cut off. Throws a ResourceError for a line that
 * is no result.
 */
export async function readResults(path: string): Promise<Recorded> {
  const recorded = new Map<string, { failed: boolean }>();
  await withFile(path, "r+", async (file) => {
    await cutTornLine(file);
    for await (const { result } of resultsIn(file, path))
      recorded.set(result.image, { failed: result.error !== undefined });
  });
  return recorded;
}

/** Takes the failed pictures' lines out of a results file: it is there with them or without, whatever happens. */
export async function dropFailed(path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await withFile(path, "r", async (file) => {
      const kept = await open(temporary, "w");
      try {
        for await (const { line, result } of resultsIn(file, path))
          if (result.error === undefined) await kept.appendFile(`${line}\n`);
      } finally {
        await kept.close();
      }
    });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cannotWrite(path, cause);
  }
}

/** Adds lines to a results file, each there as a whole before the call returns. */
export function appendResults(path: string): { add(result: Result): void; close(): void } {
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  };
  const file = guarded(() => openSync(path, "a"));
  return {
    add: (result) => guarded(() => appendFileSync(file, `${JSON.stringify(result)}\n`)),
    close: () => closeSync(file),
  };
}

const cannotWrite = (path: string, cause: unknown): Error =>
  cause instanceof ResourceError
    ? cause
    : new ResourceError(`${path}: cannot write: ${reasonOf(cause)}`, { cause });

async function withFile(
  path: string,
  flags: string,
  act: (file: FileHandle) => Promise<void>,
): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new ResourceError(`${path}: cannot read: ${reasonOf(cause)}`, { cause });
  }
  try {
    await act(file);
  } finally {
    await file.close();
  }
}

async function cutTornLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const { bytesRead } = await file.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at >= 0) {
      end = start + at + 1;
      break;
    }
    end = start;
  }
  if (end < size) await file.truncate(end);
}

async function* resultsIn(
  file: FileHandle,
  path: string,
): AsyncGenerator<{ readonly line: string; readonly result: Result }> {
  let number = 0;
  for await (const line of file.readLines({ start: 0, autoClose: false, encoding: "utf8" })) {
    number++;
    yield { line, result: resultOf(line, `${path}: line ${number}`) };
  }
}

function resultOf(line: string, where: string): Result {
  const no = (cause?: unknown): ResourceError =>
    new ResourceError(`${where} is no result: nothing is added to such a file`, { cause });
  let result: unknown;
  try {
    result = JSON.parse(line);
  } catch (cause) {
    throw no(cause);
  }
  const { image, top, error } = (result ?? {}) as Partial<Record<"image" | "top" | "error", unknown>>;
  if (typeof image !== "string" || (top === undefined) === (error === undefined)) throw no();
  return result as Result;
}
