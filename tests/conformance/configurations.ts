import type { SessionOptions } from "../../src/session-options.ts";

/** Every pass and none, on both builds. */
export const CONFIGURATIONS = [
  { graphOptimizationLevel: "all", simd: "relaxed" },
  { graphOptimizationLevel: "all", simd: "plain" },
  { graphOptimizationLevel: "disabled", simd: "plain" },
] as const satisfies readonly SessionOptions[];

export const RTOL = 1e-3;
export const ATOL = 1e-5;
