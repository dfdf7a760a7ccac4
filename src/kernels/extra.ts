import { centred } from "../ops/movement/extra/center-crop-pad.ts";
import { swiGlu } from "./elementwise/swi-glu.ts";
import type { Lowerings } from "./lowering.ts";
import { padding } from "./movement/pad.ts";
import { globalPool } from "./pool/global.ts";
import { lpPool } from "./pool/pool.ts";
import { gru } from "./recurrent/gru.ts";
import { rnn } from "./recurrent/rnn.ts";

/** Kernels of operators beyond vision, which the browser's default entry leaves out. */
export const EXTRA: Lowerings = {
  CenterCropPad: padding((site) => ({
    begins: centred(site.input(0).dims, site.output().dims),
    mode: "constant",
    bits: 0,
  })),
  GlobalLpPool: [
    globalPool(({ p }: { readonly p: number }) => (p === 1 ? "l1" : p === 2 ? "l2" : undefined)),
  ],
  GRU: [gru],
  LpPool: [lpPool],
  RNN: [rnn],
  SwiGLU: [swiGlu],
};
