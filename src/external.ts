/**
 * lanewise without kernels inside, for where WebAssembly may not be compiled from bytes (workerd) or comes as files.
 * `create` is handed a compiled module of `lanewise/kernels/plain.wasm` or `relaxed.wasm`.
 *
 * @module lanewise/external
 */
import { addGivenKernels } from "./runtime/given-kernels.ts";
import { InferenceSession as Session } from "./session.ts";
import type { SessionOptions } from "./session-options.ts";
import type { ModelSource } from "./source.ts";

export * from "./public.ts";

/** What `create` takes here. */
export interface ExternalSessionOptions extends Omit<SessionOptions, "threads" | "threading"> {
  /** `lanewise/kernels/plain.wasm` or `relaxed.wasm` of this version, compiled; sessions run on one thread. */
  readonly kernels: WebAssembly.Module;
}

/** InferenceSession, whose `create` wants kernels. */
export type ExternalInferenceSession = (abstract new (
  ...made: never
) => Session) & {
  /** Loads an ONNX model from a path or URL, its bytes, a Response or a stream; throws as `lanewise`'s does. */
  create(source: ModelSource, options: ExternalSessionOptions): Promise<Session>;
  /**
   * Loads the model that lies in a part of a buffer.
   *
   * @param buffer - What holds the model.
   * @param byteOffset - Where in it the model begins.
   * @param byteLength - How long the model is; to the end of the buffer by default.
   */
  create(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number | undefined,
    options: ExternalSessionOptions,
  ): Promise<Session>;
};

/** A session, as `lanewise` has it. */
export type InferenceSession = Session;
/** What makes sessions: `InferenceSession.create(model, { kernels })`. */
export const InferenceSession: ExternalInferenceSession = /* @__PURE__ */ addGivenKernels(Session) as never;
