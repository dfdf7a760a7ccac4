import { describe, expect, test } from "vitest";
import { describeGraph, randomGraph } from "./random-graph.ts";
import { checkGraph, createBench, type Verdict } from "./run-graph.ts";

const CHUNK = 50;
/** More by hand: LANEWISE_SEEDS=1000-5000 node scripts/test.mjs tests/differential/graphs.test.ts */
const [first = 0, last = 299] = (process.env.LANEWISE_SEEDS ?? "0-299").split("-").map(Number);

describe("random networks agree with onnxruntime at every level, on every build", () => {
  for (let start = first; start <= last; start += CHUNK) {
    const end = Math.min(start + CHUNK - 1, last);
    test(`seeds ${start} to ${end}`, { timeout: 300_000 }, async () => {
      const bench = createBench();
      let rejected = 0;
      for (let seed = start; seed <= end; seed++) {
        const graph = randomGraph(seed);
        const verdict = await checkGraph(graph, bench).catch(
          (error: Error): Verdict => ({ differs: error.stack ?? error.message }),
        );
        if (verdict === "rejected") rejected++;
        else if (verdict !== "agrees")
          throw new Error(`seed ${seed}: ${verdict.differs}\n${describeGraph(graph)}`);
      }
      if (rejected > 0) console.log(`seeds ${start} to ${end}: onnxruntime does not take ${rejected}`);
      expect(rejected, "graphs onnxruntime does not take").toBeLessThan(CHUNK / 5);
    });
  }
});
