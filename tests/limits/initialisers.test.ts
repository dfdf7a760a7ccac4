import { expect, test } from "vitest";
import { dense, sequential } from "../../src/nn/index.ts";

/** VGG-19 has as many, and 2 s for them. */
const LIMIT_MS_PER_WEIGHT = 2000 / 143_667_240;

test("weights of a large layer are made as fast as VGG-19's must be", () => {
  const side = 4096;
  let least = Number.POSITIVE_INFINITY;
  for (let seed = 0; seed < 3; seed++) {
    const began = process.cpuUsage();
    const { graph } = sequential({ input: [side], seed }, [dense({ units: side, bias: false })]);
    const { user, system } = process.cpuUsage(began);
    expect(graph.facts.get("dense.weight")?.dims).toEqual([side, side]);
    least = Math.min(least, (user + system) / 1000);
  }
  expect(least / side ** 2).toBeLessThan(LIMIT_MS_PER_WEIGHT);
});
