import { describe, expect, test } from "vitest";
import { random } from "../support/random.ts";
import { checkCase } from "./operators/case.ts";
import type { Draw } from "./random-operators/draw.ts";
import { EXPLAINED, type Explanation, explanationOf } from "./random-operators/explained.ts";
import { FAMILIES } from "./random-operators/families.ts";

/** Cases of each operator that onnxruntime takes; more, and others, by hand: LANEWISE_CASES=2000 LANEWISE_SEED=7 */
const CASES = Number(process.env.LANEWISE_CASES ?? 200);
const SEED = Number(process.env.LANEWISE_SEED ?? 0);
/** Of the cases drawn, at least one in so many must be one that onnxruntime takes. */
const MOST_DRAWS = 4;
const MOST_SHOWN = 6;

const hash = (text: string): number => [...text].reduce((sum, c) => Math.imul(sum, 31) + c.charCodeAt(0), 7);

/** What is known of the inputs changes from case to case; without optimisations runs every third. */
const variantsOf = (index: number): number[] =>
  index % 3 === 0 ? [0, 1 + (index % 9) / 3] : [1 + (index % 3)];

interface Tally {
  compared: number;
  rejected: number;
  explained: number;
  readonly wrong: string[];
}

const ran = new Set<string>();
const needed = new Set<Explanation>();

async function compare(op: string, draw: Draw): Promise<Tally> {
  const tally: Tally = { compared: 0, rejected: 0, explained: 0, wrong: [] };
  for (let i = 0; i < CASES * MOST_DRAWS && tally.compared < CASES; i++) {
    const given = draw(random(hash(`${op} ${SEED} ${i}`)));
    const outcome = await checkCase(given, variantsOf(i));
    if (outcome === "agrees") tally.compared++;
    else if ("rejected" in outcome) tally.rejected++;
    else {
      const explanation = explanationOf(op, given);
      if (explanation === undefined) {
        tally.compared++;
        tally.wrong.push(`draw ${i}, ${given.name}: ${outcome.differs}`);
      } else {
        tally.explained++;
        needed.add(explanation);
      }
    }
  }
  ran.add(op);
  return tally;
}

describe("random cases of operators agree with onnxruntime", () => {
  for (const [family, draws] of Object.entries(FAMILIES)) {
    describe(family, () => {
      for (const [op, draw] of Object.entries(draws)) {
        test(op, { timeout: 300_000 + CASES * 1000 }, async () => {
          const { compared, rejected, explained, wrong } = await compare(op, draw);
          if (rejected + explained > 0)
            console.log(`${op}: onnxruntime does not take ${rejected}, ${explained} differ as explained`);
          if (wrong.length > 0)
            throw new Error(
              `${wrong.length} of ${compared} differ:\n${wrong.slice(0, MOST_SHOWN).join("\n")}`,
            );
          expect(compared).toBe(CASES);
        });
      }
    });
  }

  test("every explanation is needed", () => {
    const idle = EXPLAINED.filter((one) => one.ops.every((op) => ran.has(op)) && !needed.has(one));
    expect(idle.map(({ reason }) => reason)).toEqual([]);
  });
});
