import { objectOf, shown, stringOf } from "./arguments.ts";
import type { DType } from "./dtype.ts";
import { FeedError, UnsupportedOperatorError, UsageError } from "./errors.ts";
import { checkFeeds, type Feeds, type MapFeed } from "./feeds.ts";
import type { Dim, Graph } from "./graph/graph.ts";
import { eventLoopTurn, finish, finishInTurns, loadWithin, type Work, watchOf } from "./interruptible.ts";
import { decodeModel } from "./onnx/decode.ts";
import { type ExternalData, externalLocations } from "./onnx/external.ts";
import { type Imported, importModel } from "./onnx/import.ts";
import type { Model } from "./onnx/model.ts";
import { supportedPart } from "./onnx/supported.ts";
import { bindInputs } from "./passes/propagate-facts.ts";
import { type Results, resultOf } from "./results.ts";
import { createRunner, type Program, type Runner } from "./runner.ts";
import { chooseThreads } from "./runtime/choose-threads.ts";
import { createExecutor, type ExecutorThreads } from "./runtime/executor.ts";
import { chooseKernels, type GivenKernels, type Simd } from "./runtime/kernels.ts";
import { checkOptions, checkRunOptions, type RunOptions, type SessionOptions } from "./session-options.ts";
import { loadExternal, loadModel, type ModelSource, ownSource } from "./source.ts";
import { Tensor } from "./tensor.ts";

/** Name, dtype and shape of an input or output; symbolic sizes are strings. */
export type ValueMetadata =
  | { readonly name: string; readonly isTensor: true; readonly type: DType; readonly shape: readonly Dim[] }
  | { readonly name: string; readonly isTensor: false };

export type { Feeds, MapFeed, Results };
/** What a run is to give: names of outputs or of any other values, or an object that has them as keys. */
export type Fetches = readonly string[] | Readonly<Record<string, Tensor | null>>;

interface State {
  readonly imported: Imported;
  /** What of it runs, and the values that do not. */
  readonly graph: Graph;
  readonly missing: ReadonlySet<string>;
  readonly runner: Runner;
}

/** A model, ready to run; the interface of onnxruntime-common's InferenceSession. */
export class InferenceSession {
  /** What `run` must be fed: the model's inputs, in its order. */
  readonly inputNames: readonly string[];
  /** What `run` gives where nothing is said: the model's outputs, in its order. */
  readonly outputNames: readonly string[];
  /** Dtypes and shapes of the inputs, in the order of `inputNames`. */
  readonly inputMetadata: readonly ValueMetadata[];
  /** Dtypes and shapes of the outputs, in the order of `outputNames`. */
  readonly outputMetadata: readonly ValueMetadata[];
  #state: State | undefined;

  private constructor(state: State, prepared: Graph) {
    if (!(prepared?.facts instanceof Map))
      throw new UsageError("sessions are made by InferenceSession.create");
    const { facts } = prepared;
    const { declared } = state.imported;
    const describe = (name: string): ValueMetadata => {
      const fact = facts.get(name);
      const type = declared.get(name);
      const dtype = fact?.dtype ?? type?.dtype;
      const container = fact?.container ?? type?.container ?? "tensor";
      if (container !== "tensor" || dtype === undefined) return { name, isTensor: false };
      return { name, isTensor: true, type: dtype, shape: fact?.dims ?? type?.dims ?? [] };
    };
    this.inputNames = state.graph.inputs;
    this.outputNames = state.imported.graph.outputs;
    this.inputMetadata = this.inputNames.map(describe);
    this.outputMetadata = this.outputNames.map(describe);
    this.#state = state;
  }

  /**
   * Loads an ONNX model from a path or URL, its bytes, a Response or a stream. Throws a ModelError for anything that is
   * no model, an UnsupportedOperatorError that lists every node lanewise cannot run where no output can do without
   * them (else the runs that fetch such an output do), a ResourceError where it cannot be read.
   */
  static async create(source: ModelSource, options?: SessionOptions): Promise<InferenceSession>;
  /**
   * Loads the model that lies in a part of a buffer; otherwise as above.
   *
   * @param buffer - What holds the model.
   * @param byteOffset - Where in it the model begins.
   * @param byteLength - How long the model is; to the end of the buffer by default.
   */
  static async create(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength?: number,
    options?: SessionOptions,
  ): Promise<InferenceSession>;
  static async create(
    source: ModelSource | ArrayBufferLike,
    second?: SessionOptions | number,
    byteLength?: number,
    fourth?: SessionOptions,
  ): Promise<InferenceSession> {
    const options = (typeof second === "number" ? fourth : second) ?? {};
    checkOptions(options);
    // Before anything is waited for: the caller may change its bytes as soon as it has the promise.
    const what = ownSource(
      typeof second === "number" ? partOf(source, second, byteLength) : (source as ModelSource),
    );
    const externalData = (options.externalData ?? []).map(({ path, data }) => ({
      path,
      data: ownSource(data),
    }));
    const watch = watchOf(options);
    const kernels = chooseKernels(options);
    const threads = await chooseThreads(options.threads ?? 1, options.threading);
    const { model, external } = await loadWithin(options, async (signal) => {
      const loading = {
        ...options,
        externalData,
        maxBytes: options.maxMemoryBytes,
        ...(signal && { signal }),
      };
      const loaded = await loadModel(what, loading);
      const model = decodeModel(loaded.bytes, options);
      return { model, external: await loadExternal(externalLocations(model), loaded, loading) };
    });
    const building = InferenceSession.#building(model, external, kernels, threads, options);
    return watch === undefined ? finish(building) : finishInTurns(building, watch);
  }

  static *#building(
    model: Model,
    external: ExternalData,
    { simd, module }: GivenKernels,
    threads: ExecutorThreads | undefined,
    options: SessionOptions,
  ): Work<InferenceSession> {
    const imported = overrideDims(importModel(model, external, options), options.freeDimensionOverrides);
    const { graph, missing } = supportedPart(imported);
    const executor = createExecutor(simd, threads, options.maxMemoryBytes, module);
    const runner = createRunner(executor, {
      level: options.graphOptimizationLevel ?? "all",
      parts: executor.parts,
      winograd: options.winograd !== "off",
      maxMemoryBytes: options.maxMemoryBytes,
      maxModelNodes: options.maxModelNodes,
    });
    try {
      const state: State = { imported, graph, missing, runner };
      const program = programOf(state, graph.outputs);
      const prepared = yield* runner.preparing(program);
      // Where the model says all its input sizes, what is wrong with it shows now rather than at the first run.
      yield* runner.planning(program);
      return new InferenceSession(state, prepared);
    } catch (error) {
      runner.release();
      throw error;
    }
  }

  /**
   * Runs the model; `fetches` names outputs, or any other value of the graph. A run that is started while another is
   * under way waits for it. Without `signal` and `timeoutMs` the promise is kept before the event loop has its next turn.
   */
  async run(feeds: Feeds, fetches?: Fetches | RunOptions, options?: RunOptions): Promise<Results> {
    if (fetches !== undefined && !isFetches(fetches)) return this.run(feeds, undefined, fetches);
    checkRunOptions(options);
    const watch = watchOf(options ?? {});
    while (this.#state?.runner.isFree === false) {
      await eventLoopTurn();
      watch?.check();
    }
    if (watch === undefined) return this.runSync(feeds, fetches, options);
    const check = (): void => {
      watch.check();
      this.#alive();
    };
    return finishInTurns(this.#running(feeds, fetches, options), {
      ...watch,
      check,
    });
  }

  /** `run` at one stretch, without a promise. Throws a UsageError while another run is under way. */
  runSync(feeds: Feeds, fetches?: Fetches, options: RunOptions = {}): Results {
    checkRunOptions(options);
    return finish(this.#running(feeds, fetches, options), watchOf(options));
  }

  #running(feeds: Feeds, fetches?: Fetches, options?: RunOptions): Work<Results> {
    const state = this.#alive();
    return state.runner.alone(this.#fetching(state, feeds, fetches, options));
  }

  *#fetching(state: State, feeds: Feeds, fetches?: Fetches, options?: RunOptions): Work<Results> {
    const names =
      fetches === undefined
        ? this.outputNames
        : Array.isArray(fetches)
          ? fetches
          : Object.keys(objectOf("run: the fetches", fetches));
    for (const name of names) stringOf("run: a fetch", name);
    const program = programOf(state, names);
    const values = checkFeeds(yield* state.runner.preparing(program), feeds);
    const results = yield* state.runner.running(program, values, names, options);
    return Object.fromEntries(names.map((name, i) => [name, resultOf(name, results[i])]));
  }

  /** Bytes held: the whole memory, the weights in it, and the arena of intermediate values. */
  memoryUsage(): { readonly totalBytes: number; readonly weightBytes: number; readonly arenaBytes: number } {
    const { totalBytes, constantBytes, arenaBytes } = this.#alive().runner.executor.memoryUsage();
    return { totalBytes, weightBytes: constantBytes, arenaBytes };
  }

  /** Which kernels the session runs on. */
  get simd(): Simd {
    return this.#alive().runner.executor.simd;
  }

  /** How many threads share each kernel call. */
  get threads(): number {
    return this.#alive().runner.executor.parts;
  }

  /** Lets go of the session's memory; using it afterwards throws a UsageError, and so does a run that is under way. */
  async release(): Promise<void> {
    this[Symbol.dispose]();
  }

  /** `release` at the end of a block, for `using`. */
  [Symbol.dispose](): void {
    this.#state?.runner.release();
    this.#state = undefined;
  }

  #alive(): State {
    if (this.#state === undefined) throw new UsageError("the session has been released");
    return this.#state;
  }
}

/** The model with the values to fetch among its outputs. Throws a FeedError for one that it does not have. */
function programOf({ graph, missing, imported }: State, names: readonly string[]): Program {
  if (names.some((name) => missing.has(name)))
    throw new UnsupportedOperatorError(imported.unsupported, `. Without them: ${graph.outputs.join(", ")}`);
  const inner = names.filter((name) => !graph.outputs.includes(name));
  return {
    key: inner.map((name) => `${name}\u0000`).join(""),
    graph() {
      const written = new Set([
        ...graph.inputs,
        ...graph.facts.keys(),
        ...graph.nodes.flatMap((node) => node.outputs),
      ]);
      const odd = inner.find((name) => name === "" || !written.has(name));
      if (odd !== undefined)
        throw new FeedError(
          odd,
          `the model has no such value; its outputs are ${imported.graph.outputs.join(", ")}`,
        );
      return { ...graph, outputs: [...graph.outputs, ...inner] };
    },
  };
}

function partOf(buffer: unknown, byteOffset: number, byteLength: number | undefined): Uint8Array {
  const isBuffer = /^\[object (Shared)?ArrayBuffer]$/.test(Object.prototype.toString.call(buffer));
  try {
    if (isBuffer) return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  } catch {
    // Out of its bounds: the error below says so.
  }
  throw new UsageError(
    `create: no ${shown(byteLength)} bytes from ${shown(byteOffset)} on in ${shown(buffer)}`,
  );
}

/** An empty object is options: it would fetch nothing. */
const isFetches = (value: Fetches | RunOptions): value is Fetches =>
  Array.isArray(objectOf("run: the fetches or options", value)) ||
  (Object.keys(value).length > 0 &&
    Object.values(value).every((entry) => entry === null || entry instanceof Tensor));

function overrideDims(imported: Imported, overrides: Readonly<Record<string, number>> | undefined): Imported {
  if (overrides === undefined) return imported;
  const { graph } = imported;
  const sized = (dim: Dim): Dim => (typeof dim === "string" ? (overrides[dim] ?? dim) : dim);
  const dims = graph.inputs.map(
    (name) => [name, graph.facts.get(name)?.dims?.map(sized) as number[]] as const,
  );
  return { ...imported, graph: bindInputs(graph, new Map(dims)) };
}
