import { threadsNeed } from "#platform";
import { simdSupport } from "./kernels.ts";

/** What this engine offers lanewise, and why not more. */
export interface Capabilities {
  /**
   * Which builds of the kernels the engine can run: `plain`, and `relaxed`, which is faster; `reason` says why not both.
   */
  readonly simd: { readonly plain: boolean; readonly relaxed: boolean; readonly reason: string | undefined };
  /** Whether sessions can have threads here; `reason` says what is missing. */
  readonly threads: { readonly available: boolean; readonly reason: string | undefined };
}

/** Looks at the engine; what a session really uses is in `session.simd` and `session.threads`. */
export function capabilities(): Capabilities {
  const { plain, relaxed } = simdSupport();
  const simdReason = !plain
    ? "the engine has no WebAssembly SIMD"
    : !relaxed
      ? "the engine has no relaxed SIMD (Node 20: start it with --experimental-wasm-relaxed-simd)"
      : undefined;
  const threadReason = threadsNeed();
  return {
    simd: { plain, relaxed, reason: simdReason },
    threads: { available: threadReason === undefined, reason: threadReason },
  };
}
