import type { Lowerings } from "./lowering.ts";

/** The browser's default entry has no operators beyond vision. */
export const EXTRA: Lowerings = {};
