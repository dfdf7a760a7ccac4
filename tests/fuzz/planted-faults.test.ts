import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleFuzzer } from "../../scripts/fuzz.mjs";
import { CI_CASES, CI_SEED, PLACES } from "./ci.ts";
import { fuzz } from "./driver.ts";
import { FAULTS, type PlantedFault } from "./faults.ts";
import { createWatched, type Watched } from "./watched.ts";

/** A fault that hangs or floods need not do so for long. */
const ALLOWANCE = { cpuSeconds: 4, bytes: 2 ** 31 };

describe("the fuzzer finds faults that are planted to be found, within the cases that the tests run", () => {
  let watched: Watched;
  beforeAll(async () => {
    watched = createWatched((await bundleFuzzer()).child, ALLOWANCE);
  });
  afterAll(() => watched.stop());

  test.each(Object.keys(FAULTS))("%s", { timeout: 120_000 }, async (fault) => {
    const { target, bucket } = FAULTS[fault] as PlantedFault;
    const { findings } = await fuzz({
      targets: [target],
      seed: CI_SEED,
      places: PLACES,
      watched,
      cases: CI_CASES[target],
      until: bucket,
      fault,
    });
    expect(findings.some((found) => bucket.test(found.bucket))).toBe(true);
  });

  test("at least twenty", () => {
    expect(Object.keys(FAULTS).length).toBeGreaterThanOrEqual(20);
  });
});
