import type { Work } from "../interruptible.ts";
import type { OptimizationLevel } from "../passes/pipeline.ts";
import type { Simd } from "../runtime/kernels.ts";
import type { Threading } from "../runtime/threading.ts";
import type { TensorData } from "../tensor.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Metric } from "./metrics.ts";
import type { Progress } from "./schedules.ts";
import type { TrainingOptions } from "./training-graph.ts";

/** What `compile` takes besides a network. */
export interface CompileOptions extends TrainingOptions {
  /** What reports and `evaluate` say beside the loss. */
  readonly metrics?: readonly Metric[];
  /** Threads that share each kernel call: a count, or "auto" for one a core. Default 1. */
  readonly threads?: "auto" | number;
  /** `threading` of `lanewise/threads`, which browsers need for more than one thread. */
  readonly threading?: Threading;
  /** Which kernels to use; default "auto". */
  readonly simd?: "auto" | Simd;
  /** How much the update's graph is changed before it runs; default "all". */
  readonly graphOptimizationLevel?: OptimizationLevel;
}

/** A batch in memory: inputs [N, …] and labels as the loss takes them. */
export interface Batch {
  /** The inputs, [N, …]. */
  readonly x: TensorData;
  /** The labels as the loss takes them. */
  readonly labels: TensorData;
}

/** What one update gave. */
export interface StepResult {
  /** The batch's mean loss, before the update. */
  readonly loss: number;
  /** The network's output for the batch, before the update. */
  readonly output: TensorData;
}

/** What whoever trains over data may do and others may not meanwhile. */
export interface Lease {
  /** `trainStep` as work; one that `keeps` can be broken off, and leaves all as it was then. */
  updating(batch: Batch, progress: Omit<Progress, "step">, keeps: boolean): Work<StepResult>;
  restore(bytes: Uint8Array): Pick<Checkpoint, "epoch" | "batch">;
  /** Everybody may again. */
  end(): void;
}
