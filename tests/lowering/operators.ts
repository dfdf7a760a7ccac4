import { loweringsOf } from "../../src/kernels/table.ts";
import type { Op } from "../../src/ops/define.ts";
import { EXTRA_OPS } from "../../src/ops/extra.ts";
import { OPS } from "../../src/ops/index.ts";
import { TRAIN_OPS } from "../../src/ops/training.ts";
import type { Samplers, Trials } from "./draw.ts";
import { CONV } from "./samplers/conv.ts";
import { ELEMENTWISE } from "./samplers/elementwise.ts";
import { IMAGE } from "./samplers/image.ts";
import { MATRIX } from "./samplers/matrix.ts";
import { MOVEMENT } from "./samplers/movement.ts";
import { NORMALIZATION } from "./samplers/normalization.ts";
import { POOL } from "./samplers/pool.ts";
import { QUANTIZED } from "./samplers/quantized.ts";
import { RECURRENT } from "./samplers/recurrent.ts";
import { REDUCTION } from "./samplers/reduction.ts";
import { TRAINING } from "./samplers/training.ts";

/** A file a family, as in src/ops. */
const FAMILIES: readonly Samplers[] = [
  ...[CONV, ELEMENTWISE, IMAGE, MATRIX, MOVEMENT, NORMALIZATION],
  ...[POOL, QUANTIZED, RECURRENT, REDUCTION, TRAINING],
];

/** What each operator is tried on. */
export const SAMPLERS: ReadonlyMap<string, Trials> = new Map(
  FAMILIES.flatMap((family) =>
    Object.entries(family).map(([name, entry]) => [
      name,
      typeof entry === "function" ? { draw: entry, examples: [] } : entry,
    ]),
  ),
);

/** What only passes put in place: their own tests compare them with the graphs they stand for. */
const MADE_BY_PASSES = [
  "lanewise.QuantizedAdd",
  "lanewise.QuantizedConv",
  "lanewise.QuantizedGemm",
  "lanewise.Relayout",
];

/** What samplers know an operator by: its type, with its domain before a dot where that is not ai.onnx. */
const nameOf = ({ domain = "", type }: Op): string => (domain === "" ? type : `${domain}.${type}`);

/** The domain and the type of an operator by that name; the domain may have dots of its own. */
export function splitName(name: string): [domain: string, type: string] {
  const dot = name.lastIndexOf(".");
  return [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)];
}

const ALL = [...OPS, ...EXTRA_OPS, ...TRAIN_OPS];

/** Every operator by its name. */
export const OPERATORS: ReadonlyMap<string, Op> = new Map(ALL.map((op) => [nameOf(op), op]));

const isLowered = ({ domain = "", type }: Op): boolean =>
  loweringsOf({ domain, op: type }).some(({ view }) => view !== true);

/** The names of every operator with a lowering that does something. */
export const LOWERED = ALL.filter(isLowered)
  .map(nameOf)
  .filter((name) => !MADE_BY_PASSES.includes(name));

/** What each of those is tried on; a test says where a sampler is missing. */
export const TRIED: readonly (readonly [name: string, Trials])[] = LOWERED.flatMap((name) => {
  const trials = SAMPLERS.get(name);
  return trials === undefined ? [] : [[name, trials] as const];
});
