/** What every entry with sessions has beside `InferenceSession`. The names are those of onnxruntime-common. */
export type { AnyData, DataTypeMap, DType, TypedData } from "./dtype.ts";
export { env } from "./env.ts";
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
} from "./errors.ts";
export type { OptimizationLevel } from "./passes/pipeline.ts";
export { type Capabilities, capabilities } from "./runtime/capabilities.ts";
export type { StepTime } from "./runtime/executor.ts";
export { type Simd, simdSupport } from "./runtime/kernels.ts";
export { type Threading, WorkerError } from "./runtime/threading.ts";
export type { Feeds, Fetches, MapFeed, Results, ValueMetadata } from "./session.ts";
export type { RunOptions, SessionOptions } from "./session-options.ts";
export type { ExternalDataFile, ModelSource, Progress } from "./source.ts";
export { type DataInput, Tensor, type TensorData } from "./tensor.ts";
