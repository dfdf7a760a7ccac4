import type { InferenceSession, InferenceSessionHandler, SessionHandler } from "onnxruntime-common";
import { InferenceSession as Session, type Tensor, type ValueMetadata } from "../index.ts";
import { sayOnce } from "./log.ts";
import { sessionOptionsOf } from "./options.ts";
import { createProfile, writeTrace } from "./profiling.ts";
import { tensorOfFeed, tensorOfResult } from "./tensors.ts";

/** A session behind onnxruntime-common's own, which has checked the arguments by then. */
export async function createHandler(
  model: string | Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSessionHandler> {
  const profile = createProfile();
  if (options.enableProfiling) profile.start();
  const since = performance.now();
  const session = await Session.create(model, await sessionOptionsOf(options));
  profile.record("session_initialization", since);
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    inputMetadata: session.inputMetadata.map(metadataOf),
    outputMetadata: session.outputMetadata.map(metadataOf),
    async run(feeds, fetches, runOptions) {
      const inputs = Object.entries(feeds).map(([name, feed]) => [name, tensorOfFeed(name, feed)] as const);
      const since = performance.now();
      const { onStep } = profile;
      const results = await session.run(Object.fromEntries(inputs), Object.keys(fetches), {
        ...(onStep && { onStep }),
        ...("terminate" in runOptions && { signal: terminationOf(runOptions) }),
      });
      profile.record("model_run", since);
      const named = Object.entries(fetches).map(([name, given]) => [
        name,
        tensorOfResult(name, results[name] as Tensor, given),
      ]);
      return Object.fromEntries(named) as SessionHandler.ReturnType;
    },
    startProfiling: () => profile.start(),
    endProfiling() {
      const trace = profile.end();
      if (trace !== undefined) writeTrace(trace, options.profileFilePrefix);
      else
        sayOnce(
          { about: "endProfiling", text: "nothing was being recorded", level: "warning" },
          options.logSeverityLevel,
        );
    },
    dispose: () => session.release(),
  };
}

/** A size that nothing is known of has no name. */
const metadataOf = (value: ValueMetadata): InferenceSession.ValueMetadata =>
  value.isTensor
    ? {
        name: value.name,
        isTensor: true,
        type: value.type as InferenceSession.TensorValueMetadata["type"],
        shape: value.shape.map((dim) => (dim === "?" ? "" : dim)),
      }
    : value;

/**
 * A signal that fires once `terminate` of the run's options is true. A program sets it there, before the run or while it
 * goes on, and nobody is told when it does: so it is looked at whenever lanewise looks at its signal.
 */
function terminationOf(options: InferenceSession.RunOptions): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const throwIfAborted = (): void => {
    if (options.terminate !== true) return;
    controller.abort(new DOMException("Exiting due to terminate flag being set to true.", "AbortError"));
    throw signal.reason;
  };
  return Object.defineProperty(signal, "throwIfAborted", { value: throwIfAborted });
}
