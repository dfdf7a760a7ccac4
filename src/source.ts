import { localPath, readBeside, readLocal } from "#platform";
import { ResourceError, UsageError } from "./errors.ts";
import type { ExternalData } from "./onnx/external.ts";
import { checkLength, type ReadLimits } from "./platform/reading.ts";

/** Where a model may come from. Bytes are copied when they are handed over, and the caller's to change again. */
export type ModelSource = string | URL | ArrayBufferLike | Uint8Array | Response | ReadableStream<Uint8Array>;

/** A file of external data: the path that the model names, and its bytes or address. */
export interface ExternalDataFile {
  /** The path as the model writes it, relative to the model. */
  readonly path: string;
  /** The file's bytes, or where they are. */
  readonly data: ModelSource;
}

/** How far loading has come; `total` is undefined where the server does not say. */
export interface Progress {
  /** What is being read. */
  readonly stage: "model" | "external data";
  /** How much of it is here. */
  readonly loadedBytes: number;
  /** How much there will be, where that is known. */
  readonly totalBytes: number | undefined;
}

interface LoadOptions extends ReadLimits {
  readonly onProgress?: (progress: Progress) => void;
  readonly externalData?: readonly ExternalDataFile[];
}

export interface LoadedModel {
  readonly bytes: Uint8Array;
  /** Finds a file beside the model; undefined where the model came as bytes. */
  readonly beside: ((location: string, options: LoadOptions) => Promise<Uint8Array>) | undefined;
}

const isBuffer = (source: ModelSource): source is ArrayBufferLike =>
  source instanceof ArrayBuffer ||
  (typeof SharedArrayBuffer !== "undefined" && source instanceof SharedArrayBuffer);

/** A copy of bytes that a caller hands over; any other source as it is. Bytes that were transferred away are none. */
export function ownSource<Source extends ModelSource>(source: Source): Source | Uint8Array {
  if (!(source instanceof Uint8Array) && !isBuffer(source)) return source;
  if (source.byteLength === 0) return new Uint8Array();
  return new Uint8Array(source instanceof Uint8Array ? source : new Uint8Array(source));
}

/**
 * Reads a model from wherever it is. Throws a ResourceError with the address and the reason, a MemoryError for what is
 * longer than `maxBytes`, and the signal's reason as soon as it fires.
 */
export async function loadModel(source: ModelSource, options: LoadOptions): Promise<LoadedModel> {
  options.signal?.throwIfAborted();
  const bytes = await readSource(source, "model", options);
  return { bytes, beside: besideSource(source) };
}

/** The external data files that a model names: those given, else those beside it; `maxBytes` holds for them and the model. */
export async function loadExternal(
  locations: readonly string[],
  model: LoadedModel,
  options: LoadOptions,
): Promise<ExternalData> {
  const given = new Map((options.externalData ?? []).map((file) => [normalize(file.path), file.data]));
  const files = new Map<string, Uint8Array>();
  let left = options.maxBytes && options.maxBytes - model.bytes.length;
  for (const location of locations) {
    const data = given.get(normalize(location));
    const limited = { ...options, maxBytes: left };
    const bytes =
      data !== undefined
        ? await readSource(data, "external data", limited)
        : await model.beside?.(location, limited);
    if (bytes === undefined) continue;
    files.set(location, bytes);
    left = left && left - bytes.length;
  }
  return files;
}

const normalize = (path: string): string => path.replace(/^\.[\\/]/, "");

async function readSource(
  source: ModelSource,
  stage: Progress["stage"],
  options: LoadOptions,
): Promise<Uint8Array> {
  if (typeof source === "string" || source instanceof URL) return readAddress(source, stage, options);
  if (source instanceof Uint8Array) return source;
  if (typeof Response !== "undefined" && source instanceof Response)
    return readResponse(source, stage, options);
  if (typeof ReadableStream !== "undefined" && source instanceof ReadableStream) {
    return readStream(source, undefined, stage, options);
  }
  throw new UsageError(
    "a model is a path, a URL, an ArrayBuffer, a Uint8Array, a Response or a ReadableStream",
  );
}

async function readAddress(
  address: string | URL,
  stage: Progress["stage"],
  options: LoadOptions,
): Promise<Uint8Array> {
  const path = localPath(address);
  if (path !== undefined) {
    const bytes = await readLocal(path, options);
    options.onProgress?.({ stage, loadedBytes: bytes.length, totalBytes: bytes.length });
    return bytes;
  }
  let response: Response;
  try {
    response = await fetch(address, options.signal ? { signal: options.signal } : {});
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new ResourceError(`cannot fetch ${address}: ${(error as Error).message}`, { cause: error });
  }
  return readResponse(response, stage, options);
}

async function readResponse(
  response: Response,
  stage: Progress["stage"],
  options: LoadOptions,
): Promise<Uint8Array> {
  if (!response.ok)
    throw new ResourceError(`cannot fetch ${response.url}: HTTP ${response.status} ${response.statusText}`);
  if (response.headers.get("content-type")?.startsWith("text/html")) {
    throw new ResourceError(`got HTML from ${response.url}: the address does not lead to the file`);
  }
  if (response.body === null)
    return new Uint8Array(await typed(stage, options, () => response.arrayBuffer()));
  const length = Number(response.headers.get("content-length"));
  const encoded = response.headers.has("content-encoding");
  return readStream(response.body, length > 0 && !encoded ? length : undefined, stage, options);
}

async function readStream(
  stream: ReadableStream<Uint8Array>,
  totalBytes: number | undefined,
  stage: Progress["stage"],
  options: LoadOptions,
): Promise<Uint8Array> {
  if (totalBytes !== undefined) checkLength(`the ${stage}`, totalBytes, options);
  const { signal } = options;
  const chunks: Uint8Array[] = [];
  let loadedBytes = 0;
  const reader = await typed(stage, options, () => stream.getReader());
  const next = () => typed(stage, options, () => reader.read());
  // Cancelling ends a read that waits for a stream at rest.
  const stop = (): void => {
    reader.cancel(signal?.reason).catch(() => undefined);
  };
  signal?.addEventListener("abort", stop);
  try {
    for (let part = await next(); !part.done; part = await next()) {
      if (!(part.value instanceof Uint8Array))
        throw new UsageError(`the ${stage}'s stream is not one of bytes`);
      chunks.push(part.value);
      loadedBytes += part.value.length;
      checkLength(`the ${stage}`, loadedBytes, options);
      options.onProgress?.({ stage, loadedBytes, totalBytes });
    }
  } catch (error) {
    stop();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  signal?.throwIfAborted();
  const bytes = new Uint8Array(loadedBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** What a stream gives, unless the signal has fired; its errors as ResourceErrors. */
async function typed<T>(stage: string, { signal }: LoadOptions, read: () => T): Promise<Awaited<T>> {
  try {
    const given = await read();
    signal?.throwIfAborted();
    return given;
  } catch (error) {
    signal?.throwIfAborted();
    throw new ResourceError(`cannot read the ${stage}: ${(error as Error).message}`, { cause: error });
  }
}

function besideSource(source: ModelSource): LoadedModel["beside"] {
  const stage = "external data";
  if (typeof source === "string" || source instanceof URL) {
    const path = localPath(source);
    return path === undefined
      ? (location, options) => readAddress(relativeTo(location, String(source)), stage, options)
      : (location, options) => readBeside(path, location, options);
  }
  // Node loads its HTTP client when `Response` is first named: only a value that may be one asks.
  if (source instanceof Uint8Array || !(source instanceof Response) || !source.url) return undefined;
  const { url } = source;
  return (location, options) => readAddress(relativeTo(location, url), stage, options);
}

/** The address of a file beside another, which may itself be relative to the page. */
function relativeTo(location: string, address: string): string {
  // A name is a path and nothing else: no query, no `..` in other letters.
  const name = location.replace(/[^\w./\-\u0080-\uffff]/g, encodeURIComponent);
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(address)
    ? new URL(name, address).href
    : address.replace(/[?#].*/, "").replace(/[^/]*$/, name);
}
