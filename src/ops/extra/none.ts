import type { Op } from "../define.ts";

/** What the bundler puts in place of the extra operators in the browser's default entry. */
export const EXTRA_OPS: readonly Op[] = [];
