import { arithmeticGradients } from "./arithmetic.ts";
import { convGradients } from "./conv.ts";
import type { GradientRule } from "./define.ts";
import { indexingGradients } from "./indexing.ts";
import { lossGradients } from "./losses.ts";
import { matrixGradients } from "./matrix.ts";
import { movementGradients } from "./movement.ts";
import { normalizationGradients } from "./normalization.ts";
import { poolingGradients } from "./pooling.ts";
import { recurrentGradients } from "./recurrent.ts";
import { reductionGradients } from "./reductions.ts";
import { resizingGradients } from "./resizing.ts";
import { unaryGradients } from "./unary.ts";

const FAMILIES = [
  arithmeticGradients,
  convGradients,
  indexingGradients,
  lossGradients,
  matrixGradients,
  movementGradients,
  normalizationGradients,
  poolingGradients,
  recurrentGradients,
  reductionGradients,
  resizingGradients,
  unaryGradients,
];

/** The gradient rules of all operators that have one, by operator as `GradientRules` names it. */
export const GRADIENTS: ReadonlyMap<string, GradientRule> = new Map(FAMILIES.flatMap(Object.entries));
