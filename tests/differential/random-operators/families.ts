import { draws as casts } from "./casts.ts";
import type { Draws } from "./draw.ts";
import { draws as elementwise } from "./elementwise.ts";
import { draws as gathering } from "./gathering.ts";
import { draws as movement } from "./movement.ts";
import { draws as normalizations } from "./normalizations.ts";
import { draws as products } from "./products.ts";
import { draws as quantized } from "./quantized.ts";
import { draws as recurrent } from "./recurrent.ts";
import { draws as reductions } from "./reductions.ts";
import { draws as sampling } from "./sampling.ts";
import { draws as unary } from "./unary.ts";
import { draws as windows } from "./windows.ts";

/** How to draw cases of each operator, by family; one file each. */
export const FAMILIES: Readonly<Record<string, Draws>> = {
  casts,
  elementwise,
  gathering,
  movement,
  normalizations,
  products,
  quantized,
  recurrent,
  reductions,
  sampling,
  unary,
  windows,
};
