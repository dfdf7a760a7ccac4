import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loweredOperators } from "../../src/kernels/table.ts";
import { drawFrom } from "./draw.ts";
import { LOWERED, OPERATORS, SAMPLERS, splitName } from "./operators.ts";
import { type Placement, runSample } from "./run.ts";

/** More by hand: LANEWISE_RUNS=500 LANEWISE_SEED=7 node scripts/test.mjs tests/lowering */
const RUNS = Number(process.env["LANEWISE_RUNS"] ?? 25);
const SEED = Number(process.env["LANEWISE_SEED"] ?? 1);

/** Its definition is Softmax's, its kernel nobody's. */
const WITHOUT_KERNEL = ["Hardmax"];

test("every operator with a lowering is tried", () => {
  expect(LOWERED.filter((name) => SAMPLERS[name] === undefined)).toEqual([]);
  expect(Object.keys(SAMPLERS).filter((name) => !OPERATORS.has(name))).toEqual([]);
});

test("every row of the table of lowerings is of an operator", () => {
  const names = [...OPERATORS.keys()].map((name) => name.replace(/^(lanewise|com\.microsoft)\./, "$1:"));
  expect(loweredOperators().filter((name) => !names.includes(name))).toEqual([]);
});

test("operators are found by their names, whatever dots their domains have", () => {
  const found = [...OPERATORS].map(([name, op]) => [name, ...splitName(name), op] as const);
  expect(found.filter(([, domain, type, op]) => op.type !== type || (op.domain ?? "") !== domain)).toEqual(
    [],
  );
  expect(splitName("com.microsoft.FusedConv")).toEqual(["com.microsoft", "FusedConv"]);
});

describe.each<Placement>(["row-major", "channels-last", "slice"])(
  "operands %s: kernels do what the definition says",
  (placement) => {
    test.each(LOWERED.filter((name) => SAMPLERS[name] !== undefined))("%s", (name) => {
      let kernels = 0;
      fc.assert(
        fc.property(fc.gen(), (generate) => {
          const draw = drawFrom(generate);
          const sample = (SAMPLERS[name] as NonNullable<(typeof SAMPLERS)[string]>)(draw);
          const { wrong, lowered } = runSample(name, sample, { placement, draw });
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
