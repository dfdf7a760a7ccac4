import { loweringsOf } from "../../src/kernels/table.ts";
import type { Op } from "../../src/ops/define.ts";
import { EXTRA_OPS } from "../../src/ops/extra/index.ts";
import { OPS } from "../../src/ops/index.ts";
import { TRAIN_OPS } from "../../src/ops/train/index.ts";
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

const isLowered = ({ domain = "", type }: Op): boolean =>
  loweringsOf({ domain, op: type }).some(({ view }) => view !== true);

/** Every operator with a lowering that does something: views have a test of their own. */
export const LOWERED = [...OPS, ...EXTRA_OPS, ...TRAIN_OPS]
  .filter(isLowered)
  .map((op) => (op.domain ? `${op.domain}.${op.type}` : op.type))
  .filter((name) => !MADE_BY_PASSES.includes(name));
