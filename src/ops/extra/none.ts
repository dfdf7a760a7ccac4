import type { Op } from "../define.ts";

/** `#extra-ops` of the browser's default entry. */
export const EXTRA_OPS: readonly Op[] = [];
