import { env } from "onnxruntime-common";
import { InferenceSession, type SessionOptions, WorkerError } from "../index.ts";
import { type Remark, warning } from "./log.ts";

/** What a handler asks of a session, in whichever thread it is. */
export interface AnySession
  extends Pick<
    InferenceSession,
    "inputNames" | "outputNames" | "inputMetadata" | "outputMetadata" | "run" | "release"
  > {}

export interface CreatedSession {
  readonly session: AnySession;
  /** Whether it is in a worker. */
  readonly proxied: boolean;
}

const isPage = (): boolean => "document" in globalThis;

/**
 * A session in a worker where a page asks for one by `env.wasm.proxy`, else one of this thread. As in onnxruntime-web, the
 * flag is for pages; other than there, it is the flag as it stands when a session is made that counts for it.
 */
export async function createSession(
  model: string | Uint8Array,
  options: SessionOptions,
  say: (remark: Remark) => void,
): Promise<CreatedSession> {
  if (env.wasm.proxy && !isPage())
    say(warning("env.wasm.proxy", "it is for pages: sessions run in the thread that made them"));
  else if (env.wasm.proxy) {
    // Pages that do not ask for it do not download it.
    const { InferenceSession: WorkerSession } = await import("../worker/index.ts");
    try {
      return { session: await WorkerSession.create(model, options), proxied: true };
    } catch (error) {
      if (!(error instanceof WorkerError)) throw error;
      say(warning("env.wasm.proxy", `${error.message}; sessions run in the thread that made them`));
    }
  }
  return { session: await InferenceSession.create(model, options), proxied: false };
}
