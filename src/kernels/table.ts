import type { Node } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import { CONV } from "./conv/index.ts";
import { ACTIVATIONS, ELEMENTWISE } from "./elementwise/index.ts";
import { IMAGES } from "./image/index.ts";
import type { Lowering, Lowerings } from "./lowering.ts";
import { MATRIX } from "./matrix/index.ts";
import { MOVEMENT } from "./movement/index.ts";
import { NORMALIZATION } from "./normalization/index.ts";
import { POOL } from "./pool/pool.ts";
import { QUANTIZED } from "./quantized/index.ts";
import { RECURRENT } from "./recurrent/index.ts";
import { REDUCTION } from "./reduction/index.ts";

const table = new Map<string, readonly Lowering[]>();

/** Has more lowerings be in the table from now on; entries say so of those that they have. */
export function addLowerings(lowerings: Lowerings): void {
  for (const [operator, ways] of Object.entries(lowerings)) table.set(operator, ways);
}

const FAMILIES = [
  CONV,
  ELEMENTWISE,
  MATRIX,
  MOVEMENT,
  NORMALIZATION,
  POOL,
  QUANTIZED,
  RECURRENT,
  REDUCTION,
  IMAGES,
];
FAMILIES.forEach(addLowerings);

/** The operators that wasm does, as the table calls them. */
export const loweredOperators = (): readonly string[] => [...table.keys()];

/** The ways in which wasm does an operator, best first. */
export function loweringsOf({ domain, op }: Pick<Node, "domain" | "op">): readonly Lowering[] {
  const known = table.get(domain === "" || domain === "ai.onnx" ? op : `${domain}:${op}`);
  if (known !== undefined) return known;
  const meant = opOf({ domain, op } as Node);
  return meant.activation === undefined ? [] : ACTIVATIONS;
}
