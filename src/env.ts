import { version } from "../package.json";

/** What is running: for code written against onnxruntime-common's `env`. */
export const env = {
  /** lanewise's version, also under the name where programs look for onnxruntime-common's. */
  versions: { lanewise: version, common: version },
  /** What programs for onnxruntime-web read; sessions have threads by their own option. */
  wasm: { simd: true, numThreads: 1 },
} as const;
