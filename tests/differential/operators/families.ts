import type { Case } from "./case.ts";
import { cases as contrib } from "./contrib.ts";
import { cases as control } from "./control.ts";
import { cases as elementwise } from "./elementwise.ts";
import { cases as matrices } from "./matrices.ts";
import { cases as movement } from "./movement.ts";
import { cases as normalizations } from "./normalizations.ts";
import { cases as quantized } from "./quantized.ts";
import { cases as recurrent } from "./recurrent.ts";
import { cases as vision } from "./vision.ts";
import { cases as windows } from "./windows.ts";

/** Operator cases by family; one file each. */
export const FAMILIES: Readonly<Record<string, () => Case[]>> = {
  contrib,
  control,
  elementwise,
  matrices,
  movement,
  normalizations,
  quantized,
  recurrent,
  vision,
  windows,
};
