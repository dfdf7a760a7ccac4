import { loweringsOf } from "../../src/kernels/table.ts";
import type { Op } from "../../src/ops/define.ts";
import { EXTRA_OPS } from "../../src/ops/extra.ts";
import { OPS } from "../../src/ops/index.ts";
import { TRAIN_OPS } from "../../src/ops/training.ts";
import type { Sampler } from "./draw.ts";
import { SAMPLERS as INFERENCE_SAMPLERS } from "./samplers.ts";
import { TRAIN_SAMPLERS } from "./train-samplers.ts";

export const SAMPLERS: Readonly<Record<string, Sampler>> = { ...INFERENCE_SAMPLERS, ...TRAIN_SAMPLERS };

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
