import { describe, expect, test } from "vitest";
import { checkCase } from "./operators/case.ts";
import { FAMILIES } from "./operators/families.ts";

/** Of a family's cases onnxruntime may refuse so many: dtypes it has no kernel for. */
const MOST_REJECTED = 0.2;

describe("operators agree with onnxruntime, whatever is known of their inputs", () => {
  for (const [family, cases] of Object.entries(FAMILIES)) {
    test(family, { timeout: 300_000 }, async () => {
      const wrong: string[] = [];
      let rejected = 0;
      const list = cases();
      for (const given of list) {
        const outcome = await checkCase(given);
        if (outcome === "agrees") continue;
        if ("rejected" in outcome) rejected++;
        else wrong.push(`${given.name}: ${outcome.differs}`);
      }
      console.log(`${family}: ${list.length} cases, onnxruntime does not take ${rejected}`);
      expect(wrong).toEqual([]);
      expect(rejected).toBeLessThanOrEqual(list.length * MOST_REJECTED);
    });
  }
});
