import { appendFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { model } from "../support/onnx-model.ts";
import { random } from "../support/random.ts";
import { caseDraws, OPERATORS } from "./cases.ts";
import { check } from "./check-case.ts";
import { withExtremes } from "./draw-attributes.ts";

/** More by hand: LANEWISE_CASES=500 LANEWISE_SEED=7 npx vitest run tests/extreme. LANEWISE_TRACE names a file for each case. */
const CASES = Number(process.env.LANEWISE_CASES ?? 40);
const SEED = Number(process.env.LANEWISE_SEED ?? 1);
const TRACE = process.env.LANEWISE_TRACE;

/** Processor time that a case of a few elements must not exceed. */
const MOST_SECONDS = 5;
const hash = (text: string): number => [...text].reduce((sum, c) => Math.imul(sum, 31) + c.charCodeAt(0), 7);

describe("operators end at extreme attributes, with the definition's result or a typed error", () => {
  const draws = caseDraws();

  test("every operator with attributes has cases", () => {
    expect(OPERATORS.filter(([domain, type]) => !draws.has(`${domain}:${type}`))).toEqual([]);
  });

  test.each(OPERATORS)("%s %s", async (domain, type) => {
    const wrong: string[] = [];
    let ran = 0;
    for (let i = 0; i < CASES; i++) {
      const seeded = random(hash(`${domain}:${type} ${SEED} ${i}`));
      const own = draws.get(`${domain}:${type}`) ?? [];
      const [given, shown] = withExtremes(seeded, seeded.pick(own)(seeded), domain, type);
      const label = `case ${i} of seed ${SEED}, ${given.name} with ${shown}`;
      if (TRACE) appendFileSync(TRACE, `${label}\n`);
      const before = process.cpuUsage();
      const outcome = await check(given, model(given.spec), /Infinity|NaN|e[+-]\d\d/.test(shown));
      const seconds = process.cpuUsage(before).user / 1e6;
      if (outcome.kind === "wrong") wrong.push(`${label}: ${outcome.what}`);
      if (seconds > MOST_SECONDS) wrong.push(`${label}: took ${seconds.toFixed(1)} s`);
      if (outcome.kind !== "large") ran++;
    }
    expect(wrong).toEqual([]);
    expect(ran).toBeGreaterThan(0);
  });
});
