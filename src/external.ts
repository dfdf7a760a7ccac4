/**
 * The entry `lanewise/external`: lanewise without kernels, for where WebAssembly may not be compiled from bytes (workerd)
 * or comes as files. `create` is handed a compiled module of `lanewise/kernels/plain.wasm` or `relaxed.wasm`.
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
  create(source: ModelSource, options: ExternalSessionOptions): Promise<Session>;
  create(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number | undefined,
    options: ExternalSessionOptions,
  ): Promise<Session>;
};

export type InferenceSession = Session;
export const InferenceSession: ExternalInferenceSession = /* @__PURE__ */ addGivenKernels(Session) as never;
