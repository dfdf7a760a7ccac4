/** The entry `lanewise/worker`: the interface of `lanewise`, with all work in a worker. */
export type { DataTypeMap, DType } from "../dtype.ts";
export {
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
export type { Feeds, MapFeed } from "../feeds.ts";
export type { Results } from "../results.ts";
export { WorkerError } from "../runtime/threading.ts";
export type { Fetches, ValueMetadata } from "../session.ts";
export type { ModelSource, Progress } from "../source.ts";
export { Tensor } from "../tensor.ts";
export type { SessionWorker } from "./connection.ts";
export { InferenceSession, type WorkerRunOptions, type WorkerSessionOptions } from "./session.ts";
