import type { Lowerings } from "../lowering.ts";

/** `#training-lowerings` of browser entries other than lanewise/train. */
export const TRAINING: Lowerings = {};
