import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { TestContext } from "vitest";
import { leaveOut } from "../support/leave-out.ts";

/** A folder that has @huggingface/transformers installed: it is large, and nothing else here needs it. */
export const TRANSFORMERS = resolve(process.env.LANEWISE_TRANSFORMERS ?? "none");

export const isInstalled = existsSync(join(TRANSFORMERS, "node_modules/@huggingface/transformers"));

/** Leaves the test out where it is not there. */
export function transformersNeeded(context: TestContext): void {
  if (!isInstalled)
    leaveOut(
      context,
      "there is no @huggingface/transformers (LANEWISE_TRANSFORMERS names a folder with it)",
      "LANEWISE_REQUIRE_TRANSFORMERS",
    );
}
