import type { Op } from "../define.ts";

/** `#training-ops` of browser entries other than lanewise/train. */
export const TRAIN_OPS: readonly Op[] = [];
