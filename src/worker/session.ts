import { absoluteAddress, startSessionWorker } from "#session-worker";
import { objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Feeds } from "../feeds.ts";
import type { Results } from "../results.ts";
import type { Simd } from "../runtime/kernels.ts";
import type { Fetches, ValueMetadata } from "../session.ts";
import { checkOptions, checkRunOptions, type RunOptions, type SessionOptions } from "../session-options.ts";
import { loadModel, type ModelSource, ownSource } from "../source.ts";
import type { Tensor } from "../tensor.ts";
import { Connection, type SessionWorker } from "./connection.ts";
import { type CreatedSession, clonedValues, resultsOf } from "./protocol.ts";

/** As for `lanewise`'s session; `threading` comes with the worker. */
export interface WorkerSessionOptions extends Omit<SessionOptions, "threading"> {
  /**
   * The worker: a script's address where the page's policy forbids blobs (`lanewise/session-worker.js` of this package,
   * served by yourself), or one that you have started of it. Sessions of the same worker share it. Default: one of its own
   * for all sessions that say nothing.
   */
  readonly worker?: string | URL | SessionWorker;
}

/** What `run` takes besides feeds and fetches. */
export interface WorkerRunOptions extends RunOptions {
  /** Hands the feeds' memory over instead of copying it: their tensors are empty afterwards. Default false. */
  readonly transferFeeds?: boolean;
}

/** Connections by what they were asked for by, with how many sessions they have. */
const connections = new Map<unknown, { readonly connection: Connection; sessions: number }>();

/** The interface of `lanewise`'s InferenceSession, with the model, its memory and all work in a worker. */
export class InferenceSession {
  /** What `run` must be fed: the model's inputs, in its order. */
  readonly inputNames: readonly string[];
  /** What `run` gives where nothing is said: the model's outputs, in its order. */
  readonly outputNames: readonly string[];
  /** Dtypes and shapes of the inputs, in the order of `inputNames`. */
  readonly inputMetadata: readonly ValueMetadata[];
  /** Dtypes and shapes of the outputs, in the order of `outputNames`. */
  readonly outputMetadata: readonly ValueMetadata[];
  /** Which kernels the session runs on. */
  readonly simd: Simd;
  /** How many threads share each kernel call. */
  readonly threads: number;
  readonly #connection: Connection;
  readonly #session: number;
  #leave: (() => void) | undefined;

  private constructor(connection: Connection, created: CreatedSession, leave: () => void) {
    this.inputNames = created.inputNames;
    this.outputNames = created.outputNames;
    this.inputMetadata = created.inputMetadata;
    this.outputMetadata = created.outputMetadata;
    this.simd = created.simd;
    this.threads = created.threads;
    this.#connection = connection;
    this.#session = created.session;
    this.#leave = leave;
  }

  /**
   * Loads a model in the worker. An address is read there, relative to the page; bytes are copied once. Throws what
   * `lanewise`'s does, and a WorkerError where the worker cannot be started.
   */
  static async create(source: ModelSource, options: WorkerSessionOptions = {}): Promise<InferenceSession> {
    checkOptions(options);
    const { signal, onProgress, worker, externalData, ...rest } = options;
    const own = ownSource(source);
    const files = (externalData ?? []).map(({ path, data }) => ({ path, data: ownSource(data) }));
    const loading = {
      ...rest,
      maxBytes: rest.maxMemoryBytes,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    };
    const transfer: ArrayBuffer[] = [];
    const sent = async (what: ModelSource): Promise<string | Uint8Array> => {
      if (typeof what === "string" || what instanceof URL) return absoluteAddress(what);
      const { bytes } = await loadModel(what, loading);
      transfer.push(bytes.buffer as ArrayBuffer);
      return bytes;
    };
    const model = await sent(own);
    const beside = [];
    for (const { path, data } of files) beside.push({ path, data: await sent(data) });
    const { connection, leave } = connect(worker);
    try {
      const created = await connection.call<CreatedSession>(
        { kind: "create", model, options: { ...cloneable(rest), externalData: beside } },
        { transfer, signal, onEvent: onProgress as never },
      );
      return new InferenceSession(connection, created, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * Runs the model. The feeds are copied into the worker, or go there with `transferFeeds`; results are moved out of it.
   *
   * @param fetches - Names of outputs, or of any other value of the graph; all outputs by default.
   */
  async run(
    feeds: Feeds,
    fetches?: Fetches | WorkerRunOptions,
    options?: WorkerRunOptions,
  ): Promise<Results> {
    if (fetches !== undefined && !isFetches(fetches)) return this.run(feeds, undefined, fetches);
    checkRunOptions(options);
    const { signal, onStep, timeoutMs, transferFeeds = false } = options ?? {};
    const transfer: ArrayBuffer[] = [];
    const own = (data: Tensor["data"]): unknown => {
      if (!ArrayBuffer.isView(data)) return data;
      const whole = data.byteLength === data.buffer.byteLength && data.buffer instanceof ArrayBuffer;
      if (transferFeeds && whole && !transfer.includes(data.buffer as ArrayBuffer))
        transfer.push(data.buffer as ArrayBuffer);
      // A view is cloned with all that it is a view of.
      return whole ? data : data.slice();
    };
    const results = await this.#call<unknown>(
      {
        kind: "run",
        session: this.#session,
        feeds: clonedValues(objectOf("run: the feeds", feeds), own),
        fetches: namesOf(fetches),
        options: { timed: onStep !== undefined, ...(timeoutMs !== undefined && { timeoutMs }) },
      },
      { transfer, signal, onEvent: onStep as never },
    );
    return resultsOf(results);
  }

  /** Bytes held: the whole memory, the weights in it, and the arena of intermediate values. */
  async memoryUsage(): Promise<{
    readonly totalBytes: number;
    readonly weightBytes: number;
    readonly arenaBytes: number;
  }> {
    return this.#call({ kind: "memoryUsage", session: this.#session });
  }

  /** Lets go of the session's memory; the last session of a worker that was started for it ends the worker. */
  async release(): Promise<void> {
    const leave = this.#leave;
    if (leave === undefined) return;
    this.#leave = undefined;
    try {
      await this.#connection.call({ kind: "release", session: this.#session });
    } finally {
      leave();
    }
  }

  /** `release` at the end of a block, for `using`. */
  [Symbol.dispose](): void {
    this.release().catch(() => undefined);
  }

  #call<Result>(...args: Parameters<Connection["call"]>): Promise<Result> {
    if (this.#leave === undefined) throw new UsageError("the session has been released");
    return this.#connection.call<Result>(...args);
  }
}

/** The connection to a worker, and how to leave it. */
function connect(worker: WorkerSessionOptions["worker"]): { connection: Connection; leave: () => void } {
  const key = typeof worker === "object" && !(worker instanceof URL) ? worker : String(worker ?? "");
  const known = connections.get(key) ?? {
    connection: new Connection((...heard) => startSessionWorker(worker, ...heard)),
    sessions: 0,
  };
  connections.set(key, known);
  known.sessions++;
  const leave = (): void => {
    if (--known.sessions > 0) return;
    if (connections.get(key) === known) connections.delete(key);
    // Whoever has started a worker ends it.
    if (typeof key === "string") known.connection.close();
  };
  return { connection: known.connection, leave };
}

/** Options that can be cloned: those that are said. */
const cloneable = ({ threading: _, ...options }: Omit<SessionOptions, "externalData">): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const namesOf = (fetches: Fetches | undefined): readonly string[] | undefined =>
  fetches === undefined ? undefined : Array.isArray(fetches) ? fetches : Object.keys(fetches);

const isFetches = (value: Fetches | WorkerRunOptions): value is Fetches =>
  Array.isArray(objectOf("run: the fetches or options", value)) ||
  (Object.keys(value).length > 0 &&
    Object.values(value).every((entry) => entry === null || (typeof entry === "object" && "dims" in entry)));
