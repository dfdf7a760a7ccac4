/** The entry `lanewise/threads`: what threads take, handed to `InferenceSession.create` as `threading`. */
import { cores, startWorker, threadsMissing } from "#platform-threads";
import { createThreading } from "./runtime/team.ts";
import type { Threading } from "./runtime/threading.ts";

/** Pass as the session option `threading`; in Node `threads` alone does the same. */
export const threading: Threading = /* @__PURE__ */ createThreading({
  cores: cores(),
  missing: threadsMissing,
  startWorker,
});
