import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = (name: string): string => fileURLToPath(new URL(`../scripts/${name}`, import.meta.url));

test.each([
  "generate-tables.mjs",
  "generate-readme.mjs",
  "generate-operators.mjs",
  "generate-kernel-index.mjs",
  "generate-kernel-contract.mjs",
  "generate-models.mjs",
])(
  "what scripts/%s writes from the op table and the kernels is up to date",
  (name) => {
    const { status, stderr } = spawnSync(process.execPath, [script(name), "--check"], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(status === 0 ? "" : (/^\w*Error: .*/m.exec(stderr)?.[0] ?? stderr)).toBe("");
  },
  90_000,
);
