import { compile as compileGraph, execute, prepare, type Stage } from "../compile.ts";
import type { DType } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import { concreteDims, type Fact } from "../graph/graph.ts";
import type { Network } from "../nn/network.ts";
import { keyOf } from "../ops/shared/counter-random.ts";
import type { OptimizationLevel } from "../passes/pipeline.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import type { Executor, StepTime } from "../runtime/executor.ts";
import type { Simd } from "../runtime/kernels.ts";
import type { Threading } from "../runtime/threading.ts";
import { elementCount, Tensor, type TensorData } from "../tensor.ts";
import type { RuntimeValue } from "../value.ts";
import { type Checkpoint, CheckpointError, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { DivergenceError } from "./errors.ts";
import { type Forward, firstNonFinite, forwardOf, sampleDims } from "./forward.ts";
import type { Metric } from "./metrics.ts";
import type { Progress } from "./schedules.ts";
import { FEEDS, type TrainingOptions, trainingGraph, withBatch } from "./training-graph.ts";

/** What `compile` takes besides a network. */
export interface CompileOptions extends TrainingOptions {
  readonly metrics?: readonly Metric[];
  /** Threads that share each kernel call: a count, or "auto" for one a core. Default 1. */
  readonly threads?: "auto" | number;
  /** `threading` of `lanewise/threads`, which browsers need for more than one thread. */
  readonly threading?: Threading;
  /** Which kernels to use; default "auto". */
  readonly simd?: "auto" | Simd;
  readonly graphOptimizationLevel?: OptimizationLevel;
}

/** A batch in memory: inputs [N, …] and labels as the loss takes them. */
export interface Batch {
  readonly x: TensorData;
  readonly labels: TensorData;
}

/** What one update gave. */
export interface StepResult {
  readonly loss: number;
  /** The network's output for the batch, before the update. */
  readonly output: TensorData;
}

interface Planned {
  readonly stage: Stage;
  readonly outputs: readonly string[];
}

/** Partial batches come in few sizes. */
const MAX_PLANS = 8;

/**
 * A network in training: its weights, running statistics and moments live in wasm memory. `fit.ts` has the loop over
 * data; this is one update, and what can be asked and saved between two.
 */
export class TrainingSession {
  readonly options: CompileOptions;
  /** Dims of one sample, without the batch. */
  readonly inputDims: readonly number[];
  readonly #start: Network;
  readonly #level: OptimizationLevel;
  #executor: Executor | undefined;
  readonly #plans = new Map<number, Planned>();
  readonly #states = new Set<string>();
  #forward: Forward | undefined;
  #step = 0;

  /** `compile` of `trainer.ts` makes one. */
  constructor(network: Network, options: CompileOptions, executor: Executor) {
    this.options = options;
    this.inputDims = sampleDims(network);
    this.#start = network;
    this.#level = options.graphOptimizationLevel ?? "all";
    this.#executor = executor;
  }

  /** Updates done. */
  get step(): number {
    return this.#step;
  }

  /** Which kernels it runs on. */
  get simd(): Simd {
    return this.#alive().simd;
  }

  /** What the loss takes as labels of a batch; `classes` says how many there are, where they are that. */
  labelsOf(batch: number): {
    readonly dtype: DType;
    readonly dims: readonly number[];
    readonly classes?: number;
  } {
    const { graph } = this.#start;
    const bound = propagateFacts(withBatch(graph, batch));
    const output = concreteDims(bound.facts.get(graph.outputs[0] as string) as Fact);
    const labels = this.options.loss.labels(output);
    return labels.dtype === "int32" ? { ...labels, classes: output[1] as number } : labels;
  }

  /**
   * One update on a batch. `progress` is what the learning rate's schedule sees. Throws a DivergenceError that names the
   * layer where the loss is not finite; the weights are then those before the update.
   */
  trainStep(
    { x, labels }: Batch,
    progress: Omit<Progress, "step">,
    onStep?: (time: StepTime) => void,
  ): StepResult {
    const executor = this.#alive();
    const { stage, outputs } = this.#planFor(x.dims[0] as number);
    const rate = this.options.optimizer.learningRate({ ...progress, step: this.#step });
    const feeds = new Map<string, RuntimeValue>([
      [this.#start.graph.inputs[0] as string, x],
      [FEEDS.labels, labels],
      [FEEDS.rate, number(rate)],
      [FEEDS.step, number(this.#step + 1)],
      [FEEDS.seed, wholeNumber(keyOf(this.options.seed ?? 0, this.#step))],
    ]);
    const [loss, output] = execute(executor, stage, feeds, outputs, { level: this.#level }, { onStep }) as [
      TensorData,
      TensorData,
    ];
    const value = Number(loss.data[0]);
    if (!Number.isFinite(value)) throw this.#divergence(value, x);
    this.#step++;
    this.#forward?.release();
    this.#forward = undefined;
    return { loss: value, output };
  }

  /** The network with its present weights. */
  network(): Network {
    const executor = this.#alive();
    const { graph, trainable } = this.#start;
    const facts = new Map(graph.facts);
    for (const name of this.#states) {
      const data = executor.state(name);
      const fact = facts.get(name);
      if (data !== undefined && fact?.data !== undefined) facts.set(name, { ...fact, data });
    }
    return { graph: { ...graph, facts }, trainable };
  }

  /** Outputs for inputs [N, …], with BatchNormalization and Dropout as in inference. */
  predict(x: TensorData): Tensor {
    const [batch, ...dims] = x.dims;
    if (batch === undefined || dims.join() !== this.inputDims.join())
      throw new UsageError(`predict needs [N, ${this.inputDims}], got [${x.dims}]`);
    const { output } = this.forward().run(x);
    return new Tensor(output.dtype, output.data, output.dims);
  }

  /** The network as it stands, for running it until the next update. */
  forward(): Forward {
    this.#forward ??= forwardOf(this.network(), this.options.loss, this.simd);
    return this.#forward;
  }

  /** All that is needed to go on later exactly as from here. */
  checkpoint(
    at: { readonly epoch: number; readonly batch: number } = { epoch: 0, batch: 0 },
  ): Uint8Array<ArrayBuffer> {
    const executor = this.#alive();
    const states = new Map<string, TensorData>();
    for (const name of this.#states) {
      const data = executor.state(name) as TensorData;
      if (data.dtype === "float32" && !(data.data as Float32Array).every(Number.isFinite))
        throw new DivergenceError(this.#step, name, `${name} is not finite after update ${this.#step}`);
      states.set(name, data);
    }
    return encodeCheckpoint({ signature: this.#signature(), step: this.#step, ...at, states });
  }

  /** Goes back to a checkpoint. Throws a CheckpointError for a damaged one or one of another training, and changes nothing then. */
  restore(bytes: Uint8Array): Pick<Checkpoint, "epoch" | "batch"> {
    const executor = this.#alive();
    const { signature, step, epoch, batch, states } = decodeCheckpoint(bytes);
    if (signature !== this.#signature())
      throw new CheckpointError(
        `the checkpoint is of another training: ${signature}; this one is ${this.#signature()}`,
      );
    for (const [name, value] of states) {
      this.#states.add(name);
      executor.setState(name, value);
    }
    this.#step = step;
    this.#forward?.release();
    this.#forward = undefined;
    return { epoch, batch };
  }

  /** Lets go of the memory; using the trainer afterwards throws a UsageError. */
  release(): void {
    this.#forward?.release();
    this.#executor?.release();
    this.#executor = undefined;
  }

  #alive(): Executor {
    if (this.#executor === undefined) throw new UsageError("the trainer has been released");
    return this.#executor;
  }

  /** The plan for a batch size; states get their first values with the first. */
  #planFor(batch: number): Planned {
    const known = this.#plans.get(batch);
    if (known !== undefined) return known;
    const executor = this.#alive();
    const { graph, fresh } = trainingGraph(this.#start, batch, this.options);
    for (const { input } of graph.states ?? []) {
      if (this.#states.has(input)) continue;
      executor.setState(input, fresh.get(input) ?? (this.#start.graph.facts.get(input)?.data as TensorData));
      this.#states.add(input);
    }
    const compileOptions = { level: this.#level, parts: executor.parts, winograd: true };
    const stage = compileGraph(prepare(graph, compileOptions), new Map(), compileOptions);
    const planned = { stage, outputs: graph.outputs.slice(0, 2) };
    if (this.#plans.size >= MAX_PLANS) this.#plans.delete(this.#plans.keys().next().value as number);
    this.#plans.set(batch, planned);
    return planned;
  }

  #signature(): string {
    const { graph, trainable } = this.#start;
    const sizes = [...trainable].map((name) => elementCount(graph.facts.get(name)?.data?.dims ?? []));
    const { optimizer, loss } = this.options;
    return `${graph.name}: ${sizes.length} weights of ${sizes.reduce((a, b) => a + b, 0)} numbers, ${optimizer.name}, ${loss.name}`;
  }

  #divergence(loss: number, x: TensorData): DivergenceError {
    const layer = firstNonFinite(this.network(), x, this.simd);
    const where = layer === undefined ? "every layer is finite, only the loss is not" : `first in ${layer}`;
    return new DivergenceError(
      this.#step + 1,
      layer,
      `the loss is ${loss} at update ${this.#step + 1} (${where}): try a smaller learning rate or clipNorm`,
    );
  }
}

const wholeNumber = (value: number): TensorData => ({ dtype: "int32", dims: [], data: Int32Array.of(value) });

const number = (value: number): TensorData => ({ dtype: "float32", dims: [], data: Float32Array.of(value) });
