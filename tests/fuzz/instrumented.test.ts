import { describe, expect, test } from "vitest";
import { decodeModel } from "../../src/onnx/decode.ts";
import { importModel } from "../../src/onnx/import.ts";
import { describeGraph, randomGraph } from "../differential/random-graph.ts";
import { model } from "../support/onnx-model.ts";
import { checkPlans } from "./check-plans.ts";

const CHUNK = 50;
/** More by hand: LANEWISE_SEEDS=1000-5000 node scripts/test.mjs tests/fuzz/instrumented.test.ts */
const [first = 0, last = 149] = (process.env.LANEWISE_SEEDS ?? "0-149").split("-").map(Number);

describe("random networks give the same bits however their buffers lie and their parts run, and write nothing else", () => {
  for (let start = first; start <= last; start += CHUNK) {
    const end = Math.min(start + CHUNK - 1, last);
    test(`seeds ${start} to ${end}`, { timeout: 300_000 }, () => {
      for (let seed = start; seed <= end; seed++) {
        const random = randomGraph(seed);
        const { graph } = importModel(decodeModel(model(random.spec)));
        const feeds = random.feeds.map((given) => new Map(Object.entries(given)));
        expect(checkPlans({ graph, feeds, seed }), `seed ${seed}\n${describeGraph(random)}`).toBeUndefined();
      }
    });
  }
});
