import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = (name: string): string => fileURLToPath(new URL(`../scripts/${name}`, import.meta.url));

test.each([
  "generate-tables.mjs",
  "generate-readme.mjs",
  "generate-operators.mjs",
  "generate-kernel-contract.mjs",
])(
  "what scripts/%s writes from the op table and the kernels is up to date",
  (name) => {
    expect(() =>
      execFileSync(process.execPath, [script(name), "--check"], { stdio: "pipe", timeout: 60_000 }),
    ).not.toThrow();
  },
  90_000,
);
