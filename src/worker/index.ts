/**
 * The interface of `lanewise`, with the model, its memory and all work in a worker, in pages and in Node.
 *
 * @module lanewise/worker
 */
export type { AnyData, DataTypeMap, DType, TypedData } from "../dtype.ts";
export {
  DTypeError,
  FeedError,
  InternalError,
  LanewiseError,
  MemoryError,
  ModelError,
  type NodeRef,
  ResourceError,
  ShapeError,
  TimeoutError,
  type UnsupportedNode,
  UnsupportedOperatorError,
  UsageError,
} from "../errors.ts";
export type { Feeds, MapFeed } from "../feeds.ts";
export type { Results } from "../results.ts";
export { WorkerError } from "../runtime/threading.ts";
export type { Fetches, ValueMetadata } from "../session.ts";
export type { ModelSource, Progress } from "../source.ts";
export { type DataInput, Tensor, type TensorData } from "../tensor.ts";
export type { SessionWorker } from "./connection.ts";
export { InferenceSession, type WorkerRunOptions, type WorkerSessionOptions } from "./session.ts";
