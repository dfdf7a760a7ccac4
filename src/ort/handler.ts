import type { InferenceSession, InferenceSessionHandler, SessionHandler } from "onnxruntime-common";
import type { Results, Tensor, ValueMetadata } from "../index.ts";
import { type Remark, sayOnce, warning } from "./log.ts";
import { remarksOnRun, sessionOptionsOf } from "./options.ts";
import { createProfile, writeTrace } from "./profiling.ts";
import { createSession } from "./proxy.ts";
import { tensorOfFeed, tensorOfResult } from "./tensors.ts";
import { watchTermination } from "./termination.ts";

/** A session behind onnxruntime-common's own, which has checked the arguments by then. */
export async function createHandler(
  model: string | Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSessionHandler> {
  const say = (remark: Remark): void => sayOnce(remark, options.logSeverityLevel);
  const profile = createProfile();
  if (options.enableProfiling) profile.start();
  const since = performance.now();
  const { session, proxied } = await createSession(model, await sessionOptionsOf(options, say), say);
  profile.record("session_initialization", since);
  const runSession = async (
    feeds: Readonly<Record<string, Tensor>>,
    names: readonly string[],
    runOptions: InferenceSession.RunOptions,
  ): Promise<Results> => {
    const { onStep } = profile;
    const termination = "terminate" in runOptions ? watchTermination(runOptions, proxied) : undefined;
    try {
      return await session.run(feeds, names, {
        ...(onStep && { onStep }),
        ...(termination && { signal: termination.signal }),
      });
    } finally {
      termination?.end();
    }
  };
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    inputMetadata: session.inputMetadata.map(metadataOf),
    outputMetadata: session.outputMetadata.map(metadataOf),
    async run(feeds, fetches, runOptions) {
      const inputs = Object.entries(feeds).map(([name, feed]) => [name, tensorOfFeed(name, feed)] as const);
      for (const remark of remarksOnRun(runOptions)) say(remark);
      const since = performance.now();
      const results = await runSession(Object.fromEntries(inputs), Object.keys(fetches), runOptions);
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
      else say(warning("endProfiling", "nothing was being recorded"));
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
