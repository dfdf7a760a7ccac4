import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const generate = fileURLToPath(new URL("../../scripts/generate-api.mjs", import.meta.url));

test("every public name and option is documented, and docs/api says what the docstrings say", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [generate, "--check"], {
    encoding: "utf8",
    timeout: 120_000,
  });
  expect(status === 0 ? "" : stdout + stderr).toBe("");
}, 130_000);
