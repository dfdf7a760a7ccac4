import { arrayOf, COUNT, functionOf, numberIn, objectOf, oneOf, signalOf, stringOf } from "./arguments.ts";
import { OPTIMIZATION_LEVELS, type OptimizationLevel } from "./passes/pipeline.ts";
import type { StepTime } from "./runtime/executor.ts";
import type { Simd } from "./runtime/kernels.ts";
import type { Threading } from "./runtime/threading.ts";
import type { ExternalDataFile, Progress } from "./source.ts";

/** What `InferenceSession.create` takes; unknown options are ignored. */
export interface SessionOptions {
  /** Files that hold the model's external data, by the path the model names. In Node they are found beside the model. */
  readonly externalData?: readonly ExternalDataFile[];
  /** Sizes for the model's symbolic dims, by name. */
  readonly freeDimensionOverrides?: Readonly<Record<string, number>>;
  /** Default "all". */
  readonly graphOptimizationLevel?: OptimizationLevel;
  /** Which kernels to use; default "auto": relaxed SIMD where the engine has it. */
  readonly simd?: "auto" | Simd;
  /**
   * "off" keeps 3×3 convolutions from Winograd's algorithm, whose rounding errors are about three times as large, and in
   * whose 4×4 tiles one value that is far larger than its neighbours, infinite or NaN spoils the outputs that do not read
   * it too (`docs/accuracy.md` has figures). Default "auto".
   */
  readonly winograd?: "auto" | "off";
  /**
   * Nodes that a model may come to once its functions stand in place of their calls: a few bytes can say millions. Beyond
   * it `create` throws a ModelError. Default 250,000.
   */
  readonly maxModelNodes?: number;
  /** Threads that share each kernel call: a count, or "auto" for one a core. Default 1. */
  readonly threads?: "auto" | number;
  /** `threading` of `lanewise/threads`, which browsers need for more than one thread; Node finds it by itself. */
  readonly threading?: Threading;
  /**
   * The most bytes that the session's memory may take, and any one value that is computed outside it; a MemoryError says
   * what wants more, before it is made. Default: what the engine can give, 4 GB.
   */
  readonly maxMemoryBytes?: number;
  /** Stops loading, and the optimisation of what was loaded; `create` rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which `create` gives up with a TimeoutError. Default: none. */
  readonly timeoutMs?: number;
  /** Told of what has been read of the model and its external data, as it comes. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What `run` takes besides feeds and fetches. */
export interface RunOptions {
  /**
   * Stops the run between two steps, or two nodes of a Loop's body; `run` rejects with its reason. Given one, `run` lets
   * the event loop have its turn every few milliseconds.
   */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the run ends with a TimeoutError; `runSync` takes it, too. Default: none. */
  readonly timeoutMs?: number;
  /** Called with the time of every step. */
  readonly onStep?: (time: StepTime) => void;
}

/** Throws a UsageError that names what is unusable and what was expected. */
export function checkOptions(options: SessionOptions): void {
  const { externalData, freeDimensionOverrides, threading } = objectOf("create: the options", options);
  const words = (name: "graphOptimizationLevel" | "winograd" | "simd", known: readonly string[]): void => {
    if (options[name] !== undefined) oneOf<string>(name, options[name], known);
  };
  words("graphOptimizationLevel", OPTIMIZATION_LEVELS);
  words("winograd", ["auto", "off"]);
  words("simd", ["auto", "plain", "relaxed"]);
  if (options.maxMemoryBytes !== undefined && options.maxMemoryBytes !== Infinity)
    numberIn("maxMemoryBytes", options.maxMemoryBytes, { from: 0 });
  if (options.maxModelNodes !== undefined) numberIn("maxModelNodes", options.maxModelNodes, COUNT);
  if (threading !== undefined)
    functionOf("threading.startWorkers", objectOf("threading", threading).startWorkers);
  if (options.onProgress !== undefined) functionOf("onProgress", options.onProgress);
  signalOf("signal", options.signal);
  for (const [name, size] of Object.entries(objectOf("freeDimensionOverrides", freeDimensionOverrides ?? {})))
    numberIn(`freeDimensionOverrides: ${name}`, size, { from: 0, whole: true });
  for (const file of arrayOf("externalData", externalData ?? []))
    stringOf("externalData: path", objectOf("externalData: a file", file).path);
}

/** The same for what `run` takes. */
export function checkRunOptions(options: RunOptions = {}): void {
  const { signal, onStep } = objectOf("run: the options", options);
  signalOf("signal", signal);
  if (onStep !== undefined) functionOf("onStep", onStep);
}
