import { functionOf, numberIn, objectOf } from "../arguments.ts";
import { compile as compileGraph, evict, execute, prepare, type Stage } from "../compile.ts";
import { MemoryError, UsageError } from "../errors.ts";
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
import { checkTensor } from "./check-network.ts";
import { type Checkpoint, CheckpointError, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { DivergenceError } from "./errors.ts";
import { divergence, type Forward, forwardOf, sampleDims } from "./forward.ts";
import { checkLabels, type LabelSpec } from "./losses.ts";
import type { Metric } from "./metrics.ts";
import { type Progress, rateAt } from "./schedules.ts";
import { type States, statesOf } from "./states.ts";
import {
  FEEDS,
  type TrainingGraph,
  type TrainingOptions,
  trainingGraph,
  withBatch,
} from "./training-graph.ts";
import { untilItThrows } from "./until-it-throws.ts";

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

interface Planned extends Stage {
  readonly outputs: readonly string[];
  readonly labels: LabelSpec;
}

/** What whoever trains over data may do and others may not meanwhile. */
export interface Lease {
  trainStep: TrainingSession["trainStep"];
  restore: TrainingSession["restore"];
  /** Everybody may again. */
  end(): void;
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
  readonly #states: States;
  #leased = false;
  #running = false;
  /** The update that runs, or that an error broke off: the states are then neither old nor new. */
  #underWay: number | undefined;
  #forward: Forward | undefined;
  #step = 0;

  /** `compile` of `trainer.ts` makes one. */
  constructor(network: Network, options: CompileOptions, executor: Executor) {
    this.options = options;
    this.inputDims = sampleDims(network);
    this.#start = network;
    this.#level = options.graphOptimizationLevel ?? "all";
    this.#executor = executor;
    this.#states = statesOf(network.graph, () => this.#alive());
  }

  /** Updates done. */
  get step(): number {
    return this.#step;
  }

  /** Which kernels it runs on. */
  get simd(): Simd {
    return this.#alive().simd;
  }

  /** What the loss takes as labels of a batch. */
  labelsOf(batch: number): LabelSpec {
    numberIn("labelsOf: batch", batch, { from: 1, whole: true });
    const { graph } = this.#start;
    const bound = propagateFacts(withBatch(graph, batch));
    return this.options.loss.labels(concreteDims(bound.facts.get(graph.outputs[0] as string) as Fact));
  }

  /**
   * One update on a batch. `progress` is what the learning rate's schedule sees. Throws a UsageError for a batch that
   * does not suit the network and its loss, a DataError for a label that is none of the classes, and a DivergenceError
   * that names the layer where the loss is not finite; the weights are then those before the update.
   */
  trainStep(batch: Batch, progress: Omit<Progress, "step">, onStep?: (time: StepTime) => void): StepResult {
    this.#notLeased("trainStep");
    return this.#update(batch, progress, onStep);
  }

  /** Keeps updates and other weights to one caller until it ends its lease; a UsageError where there is one already. */
  lease(): Lease {
    this.#notLeased("fit");
    this.#whole();
    this.#leased = true;
    return {
      trainStep: (batch, progress, onStep) => this.#update(batch, progress, onStep),
      restore: (bytes) => this.#restore(bytes),
      end: () => {
        this.#leased = false;
      },
    };
  }

  #notLeased(what: string): void {
    if (this.#leased)
      throw new UsageError(
        `${what}: the trainer is in a fit, which must end first (its stop() or signal ends it)`,
      );
  }

  /** The executor, its states those between two updates. */
  #whole(): Executor {
    if (this.#underWay !== undefined)
      throw new UsageError(
        `update ${this.#underWay} is under way or was broken off: wait for it, or restore a checkpoint`,
      );
    return this.#alive();
  }

  #update(batch: Batch, progress: Omit<Progress, "step">, onStep?: (time: StepTime) => void): StepResult {
    const executor = this.#whole();
    const { x, labels } = objectOf("trainStep: the batch", batch);
    objectOf("trainStep: progress", progress);
    if (onStep !== undefined) functionOf("trainStep: onStep", onStep);
    checkTensor("trainStep: x", x, "float32", ["N", ...this.inputDims]);
    const planned = this.#planFor(x.dims[0] as number);
    checkLabels("trainStep: labels", labels, planned.labels);
    const rate = rateAt(this.options.optimizer.learningRate, { ...progress, step: this.#step });
    const feeds = new Map<string, RuntimeValue>([
      [this.#start.graph.inputs[0] as string, x],
      [FEEDS.labels, labels],
      [FEEDS.rate, number(rate)],
      [FEEDS.step, number(this.#step + 1)],
      [FEEDS.seed, wholeNumber(keyOf(this.options.seed ?? 0, this.#step))],
    ]);
    const before = this.#states.readStatistics();
    const told = onStep && untilItThrows(onStep);
    this.#underWay = this.#step + 1;
    this.#running = true;
    let results: readonly RuntimeValue[];
    try {
      results = execute(
        executor,
        planned,
        feeds,
        planned.outputs,
        { level: this.#level },
        { onStep: told?.call },
      );
    } catch (error) {
      // Memory is taken before the first kernel runs.
      if (error instanceof MemoryError) this.#underWay = undefined;
      throw error;
    } finally {
      this.#running = false;
    }
    this.#underWay = undefined;
    const [loss, output] = results as [TensorData, TensorData];
    const value = Number(loss.data[0]);
    if (!Number.isFinite(value)) {
      this.#states.write(before);
      throw divergence(this.network(), x, { step: this.#step + 1, loss: value, simd: this.simd });
    }
    this.#step++;
    this.#changed();
    if (told?.failure !== undefined) throw told.failure.error;
    return { loss: value, output };
  }

  /** What was made of the weights holds no more. */
  #changed(): void {
    this.#forward?.release();
    this.#forward = undefined;
  }

  /** The network with its present weights. */
  network(): Network {
    this.#whole();
    const { graph, trainable } = this.#start;
    const facts = new Map(graph.facts);
    for (const [name, data] of this.#states.read()) {
      const fact = facts.get(name);
      if (fact?.data !== undefined) facts.set(name, { ...fact, data });
    }
    return { graph: { ...graph, facts }, trainable };
  }

  /** Outputs for inputs [N, …], with BatchNormalization and Dropout as in inference. */
  predict(x: TensorData): Tensor {
    checkTensor("predict: x", x, "float32", ["N", ...this.inputDims]);
    const { output } = this.forward().run(x);
    return new Tensor(output.dtype, output.data, output.dims);
  }

  /** The network as it stands, for running it until the next update. */
  forward(): Forward {
    this.#whole();
    this.#forward ??= forwardOf(this.network(), this.options.loss, this.simd);
    return this.#forward;
  }

  /** All that is needed to go on later exactly as from here. */
  checkpoint(
    at: { readonly epoch: number; readonly batch: number } = { epoch: 0, batch: 0 },
  ): Uint8Array<ArrayBuffer> {
    this.#whole();
    const { epoch, batch } = objectOf("checkpoint: where the data stands", at);
    numberIn("checkpoint: epoch", epoch, WHOLE);
    numberIn("checkpoint: batch", batch, WHOLE);
    this.#readyStates();
    const states = this.#states.read();
    for (const [name, { dtype, data }] of states)
      if (dtype === "float32" && !(data as Float32Array).every(Number.isFinite))
        throw new DivergenceError(this.#step, name, `${name} is not finite after update ${this.#step}`);
    return encodeCheckpoint({ signature: this.#signature(), step: this.#step, epoch, batch, states });
  }

  /** Goes back to a checkpoint. Throws a CheckpointError for a damaged one or one of another training, and changes nothing then. */
  restore(bytes: Uint8Array): Pick<Checkpoint, "epoch" | "batch"> {
    this.#notLeased("restore");
    return this.#restore(bytes);
  }

  #restore(bytes: Uint8Array): Pick<Checkpoint, "epoch" | "batch"> {
    this.#idle();
    const { signature, step, epoch, batch, states } = decodeCheckpoint(bytes);
    if (signature !== this.#signature())
      throw new CheckpointError(
        `the checkpoint is of another training: ${signature}; this one is ${this.#signature()}`,
      );
    this.#readyStates();
    // One from before the first update may have none: all is then as at the start.
    if (states.size === 0 && step === 0) this.#states.reset();
    else this.#states.replace(states);
    this.#step = step;
    this.#underWay = undefined;
    this.#changed();
    return { epoch, batch };
  }

  /** Lets go of the memory; using the trainer afterwards throws a UsageError. */
  release(): void {
    if (this.#executor !== undefined) this.#idle();
    this.#forward?.release();
    this.#executor?.release();
    this.#executor = undefined;
  }

  /** The executor, nothing running on it. */
  #idle(): Executor {
    if (this.#running) throw new UsageError(`update ${this.#underWay} is under way`);
    return this.#alive();
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
    const training = trainingGraph(this.#start, batch, this.options);
    const { graph, labels } = training;
    this.#readyStates(training);
    const compileOptions = { level: this.#level, parts: executor.parts, winograd: true };
    const stage = compileGraph(prepare(graph, compileOptions), new Map(), compileOptions);
    const planned = { ...stage, outputs: graph.outputs.slice(0, 2), labels };
    if (this.#plans.size >= MAX_PLANS) evict(executor, this.#plans);
    this.#plans.set(batch, planned);
    return planned;
  }

  /** States with their first values at least; which they are does not depend on the batch. */
  #readyStates(training?: TrainingGraph): void {
    if (!this.#states.isReady()) this.#states.ready(training ?? trainingGraph(this.#start, 1, this.options));
  }

  #signature(): string {
    const { graph, trainable } = this.#start;
    const sizes = [...trainable].map((name) => elementCount(graph.facts.get(name)?.data?.dims ?? []));
    const { optimizer, loss } = this.options;
    return `${graph.name}: ${sizes.length} weights of ${sizes.reduce((a, b) => a + b, 0)} numbers, ${optimizer.name}, ${loss.name}`;
  }
}

const WHOLE = { from: 0, whole: true };

const wholeNumber = (value: number): TensorData => ({ dtype: "int32", dims: [], data: Int32Array.of(value) });

const number = (value: number): TensorData => ({ dtype: "float32", dims: [], data: Float32Array.of(value) });
