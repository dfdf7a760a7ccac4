/** lanewise: convolutional networks on WebAssembly SIMD. The names are those of onnxruntime-common. */
import { addMainKernels } from "./runtime/own-kernels.ts";
import { InferenceSession as Session } from "./session.ts";

export * from "./public.ts";

/** A model, ready to run. */
export type InferenceSession = Session;
/** The session's class; whoever takes it takes the kernels. */
export const InferenceSession: typeof Session = /* @__PURE__ */ addMainKernels(Session);
