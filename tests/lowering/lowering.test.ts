import { describe, expect, test } from "vitest";
import { loweredOperators } from "../../src/kernels/table.ts";
import { type Draw, type Example, floats, forAllDraws, type Sample } from "./draw.ts";
import { LOWERED, OPERATORS, SAMPLERS, splitName, TRIED } from "./operators.ts";
import { PLACEMENTS, type Placement, runSample } from "./run.ts";

/** Runs of an example: in some it is done twice. */
const EXAMPLE_RUNS = 4;

test("every operator with a lowering is tried", () => {
  expect(
    LOWERED.filter((name) => !SAMPLERS.has(name)),
    "operators with a lowering and no sampler: write it in tests/lowering/samplers/, in their family's file",
  ).toEqual([]);
  expect(
    [...SAMPLERS.keys()].filter((name) => !OPERATORS.has(name)),
    "samplers without an operator: define it in src/ops/ and run node scripts/generate-tables.mjs",
  ).toEqual([]);
});

test("every row of the table of lowerings is of an operator", () => {
  const names = [...OPERATORS.keys()].map((name) => name.replace(/^(lanewise|com\.microsoft)\./, "$1:"));
  expect(
    loweredOperators().filter((name) => !names.includes(name)),
    "rows without an operator: define it in src/ops/ and run node scripts/generate-tables.mjs",
  ).toEqual([]);
});

test("operators are found by their names, whatever dots their domains have", () => {
  const found = [...OPERATORS].map(([name, op]) => [name, ...splitName(name), op] as const);
  expect(found.filter(([, domain, type, op]) => op.type !== type || (op.domain ?? "") !== domain)).toEqual(
    [],
  );
  expect(splitName("com.microsoft.FusedConv")).toEqual(["com.microsoft", "FusedConv"]);
});

/** Tries an operator on samples; in how many runs kernels did it. */
function tryOut(name: string, placement: Placement, sampler: (draw: Draw) => Sample, runs?: number): number {
  let kernels = 0;
  const visit = (draw: Draw): void => {
    const sample = sampler(draw);
    const { wrong, lowered } = runSample(name, sample, { placement, draw });
    if (lowered) kernels++;
    if (wrong !== undefined) {
      const dims = sample.inputs.map((input) => input && `${input.dtype}[${input.dims}]`);
      throw new Error(`${wrong}; ${dims.join(", ")} ${JSON.stringify(sample.attributes)}`);
    }
  };
  forAllDraws(visit, { runs });
  return kernels;
}

const WORKED = [...SAMPLERS].flatMap(([name, { examples }]) =>
  examples.map((example, i) => [name, i + 1, example] as const),
);

describe.each(PLACEMENTS)("operands %s: kernels do what the definition says", (placement) => {
  test.each(TRIED)("%s", (name, { draw }) => {
    const kernels = tryOut(name, placement, draw);
    // A slice may be more than a lowering takes: then the definition runs.
    if (placement !== "slice")
      expect(kernels, "runs in which the operator ran in kernels").toBeGreaterThan(0);
  });
});

describe.each<Placement>(["row-major", "channels-last"])(
  "operands %s: definition and kernels give what was worked out by hand",
  (placement) => {
    test.each(WORKED)("%s, example %i", (name, _, example) => {
      const kernels = tryOut(name, placement, () => example, EXAMPLE_RUNS);
      expect(kernels, "runs of the example in which the operator ran in kernels").toBe(EXAMPLE_RUNS);
    });
  },
);

test("an example that is wrong is found", () => {
  const example: Example = {
    inputs: [floats([1, 1, 1, 2], 1, 2)],
    attributes: { kernelShape: [1, 2] },
    gives: [floats([1, 1, 1, 1], 3)],
  };
  forAllDraws(
    (draw) => {
      const { wrong } = runSample("MaxPool", example, { placement: "row-major", draw });
      expect(wrong).toBe("y0 by its definition: 1 of 1 elements differ, first at 0: 2, expected 3");
    },
    { runs: 1 },
  );
});
