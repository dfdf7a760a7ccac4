// What the page and the worker say to each other. All of it can be cloned: tensors go as their type, dims and data.
import {
  DTypeError,
  FeedError,
  InternalError,
  LanewiseError,
  MemoryError,
  ModelError,
  ResourceError,
  ShapeError,
  TimeoutError,
  UnsupportedOperatorError,
  UsageError,
} from "../errors.ts";
import type { Results } from "../results.ts";
import type { StepTime } from "../runtime/executor.ts";
import type { Simd } from "../runtime/kernels.ts";
import { WorkerError } from "../runtime/threading.ts";
import type { ValueMetadata } from "../session.ts";
import type { RunOptions, SessionOptions } from "../session-options.ts";
import type { Progress } from "../source.ts";
import { Tensor } from "../tensor.ts";

/** Options without what cannot be cloned, and whether somebody listens. */
export type ClonedSessionOptions = Omit<SessionOptions, "signal" | "onProgress" | "threading">;
export type ClonedRunOptions = Pick<RunOptions, "timeoutMs"> & { readonly timed: boolean };

export type Call =
  | { readonly kind: "create"; readonly model: string | Uint8Array; readonly options: ClonedSessionOptions }
  | {
      readonly kind: "run";
      readonly session: number;
      readonly feeds: unknown;
      readonly fetches: readonly string[] | undefined;
      readonly options: ClonedRunOptions;
    }
  | { readonly kind: "memoryUsage"; readonly session: number }
  | { readonly kind: "release"; readonly session: number };

/** A call under its number; `stoppable` where an abort may follow. */
export type Request =
  | { readonly id: number; readonly call: Call; readonly stoppable: boolean }
  | { readonly id: number; readonly call: "abort" };

/** What is told while a call is under way. */
export type Event = Progress | StepTime;

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ClonedError }
  | { readonly id: number; readonly event: Event };

/** What `create` gives. */
export interface CreatedSession {
  readonly session: number;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
  readonly simd: Simd;
  readonly threads: number;
}

// ── Errors ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ClonedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** What a class of lanewise's says besides. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const CLASSES: readonly { readonly prototype: Error }[] = [
  LanewiseError,
  ModelError,
  ShapeError,
  DTypeError,
  UnsupportedOperatorError,
  FeedError,
  MemoryError,
  TimeoutError,
  ResourceError,
  UsageError,
  InternalError,
  WorkerError,
];

export function clonedError(thrown: unknown): ClonedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack } = error;
  return { name, message, stack, fields: error instanceof LanewiseError ? { ...error } : {} };
}

/** The error as it was thrown in the worker, of the same class. */
export function errorOf({ name, message, stack, fields }: ClonedError): Error {
  const known = CLASSES.find(({ prototype }) => prototype.name === name);
  const error = known === undefined ? new Error(message) : new LanewiseError("", message);
  // Classes have constructors of their own, for those who throw: this has been thrown.
  if (known === undefined) Object.defineProperty(error, "name", { value: name, configurable: true });
  else Object.setPrototypeOf(error, known.prototype);
  Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  return Object.assign(error, fields);
}

// ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────────

const isTensorLike = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && "dims" in value && "data" in value && "type" in value;

/** Feeds or results in a form that can be cloned, with `own` deciding what becomes of each tensor's elements. */
export function clonedValues(values: unknown, own: (data: Tensor["data"]) => unknown): unknown {
  if (typeof values !== "object" || values === null) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isTensorLike(value) ? { type: value.type, dims: value.dims, data: own(value.data) } : value,
    ]),
  );
}

/** What a run gave, with tensors for what is one. */
export const resultsOf = (values: unknown): Results =>
  Object.fromEntries(
    Object.entries(values as Results).map(([name, value]) => [
      name,
      isTensorLike(value) ? new Tensor(value.type, value.data as never, value.dims) : value,
    ]),
  );
