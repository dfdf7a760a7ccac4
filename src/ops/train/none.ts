import type { Op } from "../define.ts";

/** What the bundler puts in place of the training operators in browser entries other than lanewise/train. */
export const TRAIN_OPS: readonly Op[] = [];
