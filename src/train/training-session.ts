import { functionOf, numberIn, objectOf } from "../arguments.ts";
import { MemoryError, UsageError } from "../errors.ts";
import { concreteDims, type Fact } from "../graph/graph.ts";
import { finish, type Work } from "../interruptible.ts";
import type { Network } from "../nn/network.ts";
import { keyOf } from "../ops/random/counter-random.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { createRunner, type Program, type Runner } from "../runner.ts";
import type { Executor, StepTime } from "../runtime/executor.ts";
import type { Simd } from "../runtime/kernels.ts";
import { Tensor, type TensorData } from "../tensor.ts";
import { checkTensor } from "./check-network.ts";
import { type Checkpoint, CheckpointError, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { DivergenceError } from "./errors.ts";
import { divergence, type Forward, forwardOf, forwardOn, sampleDims } from "./forward.ts";
import { checkLabels, type LabelSpec } from "./losses.ts";
import { type Progress, rateAt } from "./schedules.ts";
import { type States, statesOf } from "./states.ts";
import { feedsOf, signatureOf, type TrainingGraph, trainingGraph, withBatch } from "./training-graph.ts";
import type { Batch, CompileOptions, Lease, StepResult } from "./training-types.ts";
import { untilItThrows } from "./until-it-throws.ts";

/** What the keys of programs begin with that run the weights as they are. */
const FORWARD = "forward ";

/**
 * A network in training: its weights, running statistics and moments live in wasm memory. `fit.ts` has the loop over
 * data; this is one update, and what can be asked and saved between two.
 */
export class TrainingSession {
  /** What it was compiled with. */
  readonly options: CompileOptions;
  /** Dims of one sample, without the batch. */
  readonly inputDims: readonly number[];
  readonly #start: Network;
  #runner: Runner | undefined;
  readonly #states: States;
  #leased = false;
  #running = false;
  #leaving = false;
  /** The states before the update that runs, where it may be broken off. */
  #kept: ReadonlyMap<string, TensorData> | undefined;
  /** The update that runs, or that an error broke off: the states are then neither old nor new. */
  #underWay: number | undefined;
  #forward: Forward | undefined;
  /** How often the weights have become others. */
  #weights = 0;
  #step = 0;

  /** `compile` of `trainer.ts` makes one. @internal */
  constructor(network: Network, options: CompileOptions, executor: Executor) {
    this.options = options;
    this.inputDims = sampleDims(network);
    this.#start = network;
    const { graphOptimizationLevel: level = "all" } = options;
    this.#runner = createRunner(executor, { level, parts: executor.parts });
    this.#states = statesOf(network.graph, () => this.#alive().executor);
  }

  /** Updates done. */
  get step(): number {
    return this.#step;
  }

  /** Which kernels it runs on. */
  get simd(): Simd {
    return this.#alive().executor.simd;
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
   *
   * @param onStep - Called with the time of every step.
   */
  trainStep(batch: Batch, progress: Omit<Progress, "step">, onStep?: (time: StepTime) => void): StepResult {
    this.#notLeased("trainStep");
    return finish(this.#updating(batch, progress, false, onStep));
  }

  /**
   * Keeps updates and other weights to one caller until it ends its lease; a UsageError where there is one already.
   *
   * @internal
   */
  lease(): Lease {
    this.#notLeased("fit");
    this.#whole();
    this.#leased = true;
    return {
      updating: (batch, progress, keeps) => this.#updating(batch, progress, keeps),
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

  /** The runner, the states those between two updates. */
  #whole(): Runner {
    if (this.#underWay !== undefined && this.#kept === undefined)
      throw new UsageError(
        `update ${this.#underWay} is under way or was broken off: wait for it, or restore a checkpoint`,
      );
    return this.#alive();
  }

  /**
   * One update, as work that can be interrupted. `keeps` says to keep what the states were: where the work is broken off,
   * they are that again, and meanwhile whoever looks at them sees that.
   */
  *#updating(
    batch: Batch,
    progress: Omit<Progress, "step">,
    keeps: boolean,
    onStep?: (time: StepTime) => void,
  ): Work<StepResult> {
    this.#whole();
    const runner = this.#idle();
    const { x } = objectOf("trainStep: the batch", batch);
    objectOf("trainStep: progress", progress);
    if (onStep !== undefined) functionOf("trainStep: onStep", onStep);
    checkTensor("trainStep: x", x, "float32", ["N", ...this.inputDims]);
    this.#running = true;
    try {
      return yield* runner.alone(this.#update(runner, batch, progress, keeps, onStep));
    } finally {
      this.#running = false;
      if (this.#leaving) this.release();
    }
  }

  *#update(
    runner: Runner,
    { x, labels }: Batch,
    progress: Omit<Progress, "step">,
    keeps: boolean,
    onStep: ((time: StepTime) => void) | undefined,
  ): Work<StepResult> {
    const program = this.#programOf(x.dims[0] as number);
    try {
      const { outputs, facts } = yield* runner.preparing(program);
      const [lossName, outputName] = outputs as [string, string];
      const spec = this.options.loss.labels(concreteDims(facts.get(outputName) as Fact));
      checkLabels("trainStep: labels", labels, spec);
      const rate = rateAt(this.options.optimizer.learningRate, { ...progress, step: this.#step });
      const numbers = { rate, step: this.#step + 1, seed: keyOf(this.options.seed ?? 0, this.#step) };
      const feeds = feedsOf(this.#start, x, labels, numbers);
      yield* runner.planning(program);
      const before = this.#states.readStatistics();
      const told = onStep && untilItThrows(onStep);
      if (keeps) this.#kept = this.#states.read();
      this.#underWay = this.#step + 1;
      const [loss, output] = (yield* runner.running(program, feeds, [lossName, outputName], {
        onStep: told?.call,
      })) as [TensorData, TensorData];
      this.#underWay = undefined;
      this.#kept = undefined;
      const value = Number(loss.data[0]);
      if (!Number.isFinite(value)) {
        this.#states.write(before);
        throw divergence(this.network(), x, { step: this.#step + 1, loss: value, simd: this.simd });
      }
      this.#step++;
      this.#changed();
      if (told?.failure !== undefined) throw told.failure.error;
      return { loss: value, output };
    } catch (error) {
      // Memory is taken before the first kernel runs.
      if (error instanceof MemoryError) this.#underWay = undefined;
      throw error;
    } finally {
      if (this.#kept !== undefined) {
        this.#states.write(this.#kept);
        this.#underWay = undefined;
        this.#kept = undefined;
      }
    }
  }

  /** One update on so many samples; the states get their first values with the first. */
  #programOf(batch: number): Program {
    return {
      key: `update ${batch}`,
      graph: () => {
        const training = trainingGraph(this.#start, batch, this.options);
        this.#readyStates(training);
        return training.graph;
      },
    };
  }

  /** What was made of the weights holds no more. */
  #changed(): void {
    this.#weights++;
    this.#forward = undefined;
    this.#runner?.forget(FORWARD);
  }

  /** The network with its present weights. */
  network(): Network {
    this.#whole();
    const { graph, trainable } = this.#start;
    const facts = new Map(graph.facts);
    for (const [name, data] of this.#kept ?? this.#states.read()) {
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

  /** The network as it stands, for running it until the next update. @internal */
  forward(): Forward {
    this.#whole();
    const { loss } = this.options;
    this.#forward ??= forwardOn(this.#alive(), `${FORWARD}${this.#weights} `, this.network(), loss);
    return this.#forward;
  }

  /** The same for one caller alone, who releases it. @internal */
  freshForward(): Forward {
    const { loss, graphOptimizationLevel } = this.options;
    return forwardOf(this.network(), loss, this.simd, undefined, graphOptimizationLevel);
  }

  /**
   * All that is needed to go on later exactly as from here.
   *
   * @param at.epoch - Where the data stands: the epoch, from 0.
   * @param at.batch - Batches of it done.
   */
  checkpoint(
    at: { readonly epoch: number; readonly batch: number } = { epoch: 0, batch: 0 },
  ): Uint8Array<ArrayBuffer> {
    this.#whole();
    const { epoch, batch } = objectOf("checkpoint: where the data stands", at);
    numberIn("checkpoint: epoch", epoch, WHOLE);
    numberIn("checkpoint: batch", batch, WHOLE);
    this.#readyStates();
    const states = this.#kept ?? this.#states.read();
    for (const [name, { dtype, data }] of states)
      if (dtype === "float32" && !(data as Float32Array).every(Number.isFinite))
        throw new DivergenceError(this.#step, name, `${name} is not finite after update ${this.#step}`);
    return encodeCheckpoint({
      signature: signatureOf(this.#start, this.options),
      step: this.#step,
      epoch,
      batch,
      states,
    });
  }

  /**
   * Goes back to a checkpoint. Throws a CheckpointError for a damaged one or one of another training, and changes nothing then.
   *
   * @param bytes - What `checkpoint` gave.
   */
  restore(bytes: Uint8Array): Pick<Checkpoint, "epoch" | "batch"> {
    this.#notLeased("restore");
    return this.#restore(bytes);
  }

  #restore(bytes: Uint8Array): Pick<Checkpoint, "epoch" | "batch"> {
    this.#idle();
    const { signature, step, epoch, batch, states } = decodeCheckpoint(bytes);
    if (signature !== signatureOf(this.#start, this.options))
      throw new CheckpointError(
        `the checkpoint is of another training: ${signature}; this one is ${signatureOf(this.#start, this.options)}`,
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

  /** Lets go of the memory, after the update where one is under way; using the trainer afterwards throws a UsageError. */
  release(): void {
    this.#leaving = true;
    if (this.#running) return;
    this.#forward = undefined;
    this.#runner?.release();
    this.#runner = undefined;
  }

  /** The runner, no update under way. */
  #idle(): Runner {
    if (this.#running) throw new UsageError(`update ${this.#underWay} is under way`);
    return this.#alive();
  }

  #alive(): Runner {
    if (this.#runner === undefined) throw new UsageError("the trainer has been released");
    return this.#runner;
  }

  /** States with their first values at least; which they are does not depend on the batch. */
  #readyStates(training?: TrainingGraph): void {
    if (!this.#states.isReady()) this.#states.ready(training ?? trainingGraph(this.#start, 1, this.options));
  }
}

const WHOLE = { from: 0, whole: true };
