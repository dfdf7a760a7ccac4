import type { DType } from "../dtype.ts";
import type { Layout } from "../graph/graph.ts";
import type { Work } from "../interruptible.ts";
import type { KernelArgument } from "../kernels/arguments.ts";
import type { TensorData } from "../tensor.ts";
import type { RuntimeValue } from "../value.ts";

/**
 * A graph made concrete for one set of input shapes. Addresses are not decided here: buffers are numbered, and the
 * session turns (buffer, offset) into an address when it binds the plan.
 */
export interface Plan {
  readonly buffers: readonly Buffer[];
  /** Bytes of the arena that all `arena` buffers share. */
  readonly arenaBytes: number;
  /** Tables and shape structs, one block; `table` buffers point into it. */
  readonly tables: Uint8Array;
  /** What a run is fed, in the order of the graph's inputs, and what it gives; states are neither. */
  readonly inputs: readonly PlannedValue[];
  readonly outputs: readonly PlannedValue[];
  readonly steps: readonly Step[];
}

export type Buffer =
  | { readonly kind: "arena"; readonly bytes: number; readonly offsetBytes: number }
  | { readonly kind: "table"; readonly offsetBytes: number }
  | StateBuffer
  | ConstantBuffer;

/** A state's bytes, the same for all plans of an executor. */
export interface StateBuffer {
  readonly kind: "state";
  readonly name: string;
  readonly bytes: number;
}

/** A constant in memory, raw or packed; the session keeps one for each (source, key), whatever the plan. */
export interface ConstantBuffer {
  readonly kind: "constant";
  readonly source: TensorData;
  readonly key: string;
  readonly bytes: number;
  /** Writes the constant's bytes: weight packing happens here, once, straight from the file's data. */
  readonly fill: (source: TensorData, target: Uint8Array) => void;
}

/** Where a value lives while the plan runs. */
export type Place =
  | {
      readonly kind: "memory";
      readonly buffer: number;
      readonly offsetBytes: number;
      readonly layout: Layout;
      readonly pixelStride: number;
    }
  | { readonly kind: "constant"; readonly value: TensorData }
  /** Strings, sequences and optionals stay in the JavaScript heap. */
  | { readonly kind: "host"; readonly slot: number };

export interface PlannedValue {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly place: Place;
}

/** A kernel call (name + numbers) or a host call (an op's definition). */
export type Step = KernelStep | HostStep;

interface StepBase {
  /** The node it came from, for profiles and errors. */
  readonly node: string;
  readonly op: string;
}

export interface KernelStep extends StepBase {
  readonly kind: "kernel";
  readonly kernel: string;
  readonly args: readonly KernelArgument[];
}

export interface HostStep extends StepBase {
  readonly kind: "host";
  readonly inputs: readonly (PlannedValue | undefined)[];
  /** Values that only the node's subgraphs read. */
  readonly captures: readonly PlannedValue[];
  readonly outputs: readonly (PlannedValue | undefined)[];
  readonly evaluate: (
    inputs: readonly (RuntimeValue | undefined)[],
    captures: ReadonlyMap<string, RuntimeValue>,
  ) => Work<readonly (RuntimeValue | undefined)[]>;
}
