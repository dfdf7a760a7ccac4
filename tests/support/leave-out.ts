import type { TestContext } from "vitest";

/**
 * Leaves the running test out and says why, in one line when the run ends (see `left-out-reporter.ts`). Where the
 * environment variable `requiredBy` is 1, as in CI, nothing may be left out: the test fails with the reason instead.
 */
export function leaveOut(context: TestContext, reason: string, requiredBy: string): never {
  if (process.env[requiredBy] === "1")
    throw new Error(`${reason} (${requiredBy}=1 does not allow leaving this out)`);
  return context.skip(reason);
}
