import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXTRA_OPS } from "../../../src/ops/extra.ts";
import { OPS } from "../../../src/ops/index.ts";
import { TRAIN_OPS } from "../../../src/ops/training.ts";
import type { GradientRules } from "../../../src/train/gradients/define.ts";
import { GRADIENTS } from "../../../src/train/gradients/index.ts";

const FOLDER = new URL("../../../src/train/gradients/", import.meta.url);

/** What rules are made of; all else that the modules export is a family, a table of rules. */
const TOOLS = ["algebra", "alignedOperands", "rulesOf", "sumTo", "transposedAlong"];

/** The families by where they are exported. */
async function families(): Promise<[string, GradientRules][]> {
  const found: [string, GradientRules][] = [];
  for (const file of readdirSync(FOLDER)) {
    if (file === "index.ts") continue;
    const module: Record<string, unknown> = await import(new URL(file, FOLDER).href);
    for (const [name, value] of Object.entries(module))
      if (!TOOLS.includes(name)) found.push([`${file}: ${name}`, value as GradientRules]);
  }
  return found;
}

describe("the gradient rules", () => {
  test("that the modules export are tables, and in the index as they stand there", async () => {
    const missing = (await families()).flatMap(([family, rules]) =>
      typeof rules === "function"
        ? [`${family} is no table`]
        : Object.entries(rules).flatMap(([op, rule]) =>
            GRADIENTS.get(op) === rule ? [] : `${family}, ${op}`,
          ),
    );
    expect(missing).toEqual([]);
  });

  test("come from one family each", async () => {
    const listed = (await families()).flatMap(([, rules]) => Object.keys(rules));
    expect(listed.toSorted()).toEqual([...GRADIENTS.keys()].toSorted());
  });

  test("are of operators that there are", () => {
    const ops = [...OPS, ...EXTRA_OPS, ...TRAIN_OPS].map(({ domain, type }) =>
      domain === undefined || domain === "" ? type : `${domain}:${type}`,
    );
    expect([...GRADIENTS.keys()].filter((op) => !ops.includes(op))).toEqual([]);
  });
});
