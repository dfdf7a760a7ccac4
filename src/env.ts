import { version } from "../package.json";

/** What is running: for code written against onnxruntime-common's `env`. */
export const env = {
  versions: { lanewise: version, common: version },
  wasm: { simd: true, numThreads: 1 },
} as const;
