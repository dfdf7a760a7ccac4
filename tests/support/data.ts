import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { leaveOut } from "./leave-out.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** ONNX's own conformance tests and pretrained models: more to check against, where they are. */
export const DATA = process.env.LANEWISE_DATA ?? join(root, "../shared/data");

export const hasData = existsSync(DATA);

/** A path in the data folder; leaves the test out where it is not there. */
export function dataPath(context: TestContext, ...parts: string[]): string {
  const path = join(DATA, ...parts);
  if (!hasData)
    leaveOut(context, "there is no test data (LANEWISE_DATA, else ../shared/data)", "LANEWISE_REQUIRE_DATA");
  if (!existsSync(path))
    leaveOut(context, `the test data has no ${parts.join("/")}`, "LANEWISE_REQUIRE_DATA");
  return path;
}
