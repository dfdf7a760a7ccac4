import { closeSync, constants, fstatSync, openSync, type Stats, writeSync } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { LanewiseError, MemoryError, ResourceError } from "../errors.ts";
import { checkLength, type ReadLimits } from "./reading.ts";

/** Files are read in pieces of this size, between which a signal is heard. */
const PIECE_BYTES = 1 << 20;

/** What has no size is read in pieces of this one. */
const STREAM_PIECE_BYTES = 1 << 16;

/** Opening and reading what is no file may wait for ever; these flags do not exist on Windows, where nothing waits. */
const NO_WAIT = (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** The bytes of a file, pipe or device that the caller named. Throws a ResourceError that names it, or a MemoryError. */
export async function readLocal(path: string, limits: ReadLimits): Promise<Uint8Array> {
  return named(path, limits, async () => {
    const found = await stat(path);
    if (found.isFile()) return withHandle(await open(path), (handle) => readFile(handle, path, limits));
    if (found.isDirectory()) throw new ResourceError(`cannot read ${path}: it is a folder`);
    const opening = open(path);
    try {
      return await readEndless(await unlessAborted(opening, path, limits), path, limits);
    } finally {
      // Closing waits for a read that a signal has left behind.
      opening.then((handle) => handle.close()).catch(() => undefined);
    }
  });
}

/**
 * The bytes of a file that a model names, which must be a file in the model's folder: a link may lead only there, or
 * to where the model itself lies if it is a link. Throws a ResourceError that names the location, or a MemoryError.
 */
export async function readBeside(model: string, location: string, limits: ReadLimits): Promise<Uint8Array> {
  const path = join(dirname(model), location);
  return named(path, limits, async () => {
    const real = await realpath(path);
    const folders = [await realpath(dirname(model)), dirname(await realpath(model))];
    if (!folders.some((folder) => real.startsWith(folder.endsWith(sep) ? folder : folder + sep)))
      throw new ResourceError(
        `external data ${JSON.stringify(location)} leaves the model's folder: a link leads to ${real}`,
      );
    return withHandle(await open(real, constants.O_RDONLY | NO_WAIT), async (handle) => {
      const found = await handle.stat();
      if (!found.isFile())
        throw new ResourceError(`external data ${JSON.stringify(location)} is ${kindOf(found)}, not a file`);
      return readFile(handle, path, limits);
    });
  });
}

/** What reads a path, with its errors typed and the signal heard first. */
async function named(
  path: string,
  { signal }: ReadLimits,
  read: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  try {
    return await read();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LanewiseError) throw error;
    throw new ResourceError(`cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

async function withHandle<T>(handle: FileHandle, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function readFile(handle: FileHandle, path: string, limits: ReadLimits): Promise<Uint8Array> {
  const { size } = await handle.stat();
  // What the system makes as it is read says 0.
  if (size === 0) return readEndless(handle, path, limits);
  checkLength(path, size, limits);
  const bytes = allocate(size, path);
  let at = 0;
  while (at < size) {
    limits.signal?.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, at, Math.min(PIECE_BYTES, size - at));
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  limits.signal?.throwIfAborted();
  return bytes.subarray(0, at);
}

function allocate(size: number, path: string): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new MemoryError(size, `${path}: there is no room for its ${size} bytes`, { cause });
  }
}

async function readEndless(handle: FileHandle, path: string, limits: ReadLimits): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const reading = handle.read(new Uint8Array(STREAM_PIECE_BYTES), 0, STREAM_PIECE_BYTES);
    const { bytesRead, buffer } = await unlessAborted(reading, path, limits);
    if (bytesRead === 0) break;
    length += bytesRead;
    checkLength(path, length, limits);
    pieces.push(buffer.slice(0, bytesRead));
  }
  const bytes = allocate(length, path);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * What an operation on a pipe or device gives, or the signal's reason. The system has no way to call such an operation
 * off, and would keep the process alive with it: a byte written into the pipe ends it.
 */
function unlessAborted<T>(operation: Promise<T>, path: string, { signal }: ReadLimits): Promise<T> {
  if (signal === undefined) return operation;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason);
      const release = setInterval(() => {
        if (!writeByte(path)) clearInterval(release);
      }, 5);
      const settled = (): void => clearInterval(release);
      operation.then(settled, settled);
    };
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    operation.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Writes a byte into a pipe, if somebody reads it already; false for what is no pipe. */
function writeByte(path: string): boolean {
  try {
    const pipe = openSync(path, constants.O_WRONLY | (constants.O_NONBLOCK ?? 0));
    try {
      if (!fstatSync(pipe).isFIFO()) return false;
      writeSync(pipe, new Uint8Array(1));
    } finally {
      closeSync(pipe);
    }
  } catch {
    // Nobody reads it yet, or it is full: the next attempt finds it otherwise.
  }
  return true;
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "a folder";
  if (found.isFIFO()) return "a named pipe";
  return found.isSocket() ? "a socket" : "a device";
}
