import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EXTRA_OPS } from "../../src/ops/extra/index.ts";
import { OPS } from "../../src/ops/index.ts";
import { TRAIN_OPS } from "../../src/ops/train/index.ts";
import { drawFrom } from "./draw.ts";
import { type Placement, runSample } from "./run.ts";
import { SAMPLERS as INFERENCE_SAMPLERS } from "./samplers.ts";
import { TRAIN_SAMPLERS } from "./train-samplers.ts";

const SAMPLERS = { ...INFERENCE_SAMPLERS, ...TRAIN_SAMPLERS };

/** More by hand: LANEWISE_RUNS=500 LANEWISE_SEED=7 node scripts/test.mjs tests/lowering */
const RUNS = Number(process.env["LANEWISE_RUNS"] ?? 25);
const SEED = Number(process.env["LANEWISE_SEED"] ?? 1);

/** Its definition is Softmax's, its kernel nobody's. */
const WITHOUT_KERNEL = ["Hardmax"];

/** What only passes put in place: their own tests compare them with the graphs they stand for. */
const MADE_BY_PASSES = [
  "lanewise.QuantizedAdd",
  "lanewise.QuantizedConv",
  "lanewise.QuantizedGemm",
  "lanewise.Relayout",
];

const lowered = [...OPS, ...EXTRA_OPS, ...TRAIN_OPS]
  .filter((op) => op.lower !== undefined && op.lower.length > 0)
  .map((op) => (op.domain ? `${op.domain}.${op.type}` : op.type))
  .filter((name) => !MADE_BY_PASSES.includes(name));

test("every operator with a lowering is tried", () => {
  expect(lowered.filter((name) => SAMPLERS[name] === undefined)).toEqual([]);
});

describe.each<Placement>(["row-major", "channels-last", "slice"])(
  "operands %s: kernels do what the definition says",
  (placement) => {
    test.each(lowered.filter((name) => SAMPLERS[name] !== undefined))("%s", (name) => {
      let kernels = 0;
      fc.assert(
        fc.property(fc.gen(), (generate) => {
          const draw = drawFrom(generate);
          const sample = (SAMPLERS[name] as NonNullable<(typeof SAMPLERS)[string]>)(draw);
          const { wrong, lowered } = runSample(name, sample, placement, draw);
          if (lowered) kernels++;
          if (wrong !== undefined) {
            const dims = sample.inputs.map((input) => input && `${input.dtype}[${input.dims}]`);
            throw new Error(`${wrong}; ${dims.join(", ")} ${JSON.stringify(sample.attributes)}`);
          }
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: false },
      );
      // A slice may be more than a lowering takes: then the definition runs.
      if (placement === "slice" || WITHOUT_KERNEL.includes(name)) return;
      expect(kernels, "runs in which the operator ran in kernels").toBeGreaterThan(0);
    });
  },
);
