import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleFuzzer } from "../../scripts/fuzz.mjs";
import { TARGETS } from "./cases.ts";
import { CI_CASES, CI_SEED, PLACES } from "./ci.ts";
import { fuzz } from "./driver.ts";
import { createWatched, type Watched } from "./watched.ts";

/** More, and others: npm run fuzz. */
describe("nothing that is broken breaks lanewise", () => {
  let watched: Watched;
  beforeAll(async () => {
    watched = createWatched((await bundleFuzzer()).child);
  });
  afterAll(() => watched.stop());

  test.each(TARGETS)("%s", { timeout: 600_000 }, async (target) => {
    const { findings, counts } = await fuzz({
      targets: [target],
      seed: CI_SEED,
      places: PLACES,
      watched,
      cases: CI_CASES[target],
    });
    expect(findings.map(({ bucket, line, message }) => `${bucket}: --case ${line}\n${message}`)).toEqual([]);
    expect(counts[target]?.ran, "cases that ran to their end").toBeGreaterThan(CI_CASES[target] / 20);
  });
});
