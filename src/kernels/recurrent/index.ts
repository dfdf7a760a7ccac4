import type { Lowerings } from "../lowering.ts";
import { lstm } from "./lstm.ts";

/** Layers over sequences; GRU and RNN are among the extra kernels. */
export const RECURRENT: Lowerings = {
  LSTM: [lstm],
};
