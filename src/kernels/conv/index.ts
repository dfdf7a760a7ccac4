import type { Lowerings } from "../lowering.ts";
import { CONVOLUTIONS } from "./conv.ts";
import { convTranspose } from "./conv-transpose.ts";

export const CONV: Lowerings = {
  Conv: CONVOLUTIONS,
  ConvTranspose: [convTranspose],
};
