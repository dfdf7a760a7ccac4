import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** What holds work to a time, and so has the machine to itself. */
const TIMED = [
  "tests/limits/**/*.test.ts",
  "tests/import-limits.test.ts",
  "tests/train/{arguments,fit}.test.ts",
];

export default defineConfig({
  plugins: [
    {
      name: "kernels",
      enforce: "pre",
      load(id) {
        if (/[\\/]build[\\/][\w.-]+\.txt$/.test(id))
          return `export default ${JSON.stringify(readFileSync(id, "utf8"))};`;
        if (!id.endsWith(".wasm")) return undefined;
        const base64 = readFileSync(id).toString("base64");
        return `export default Uint8Array.from(atob("${base64}"), (c) => c.charCodeAt(0));`;
      },
    },
  ],
  resolve: {
    // What browsers load: the more of the two there is to go wrong.
    alias: Object.fromEntries(
      ["kernels", "extra-kernels", "training-kernels"].map((name) => [
        `#${name}`,
        new URL(`./src/runtime/packed/${name}.ts`, import.meta.url).pathname,
      ]),
    ),
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["tests/**/*.test.ts"],
          exclude: TIMED,
          // On two cores two, for much is waiting.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "timed",
          include: TIMED,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    globalSetup: ["tests/global-setup.ts"],
    setupFiles: ["tests/support/all-of-node.ts"],
    execArgv: ["--experimental-wasm-relaxed-simd"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ["default", "./tests/support/left-out-reporter.ts"],
    pool: "forks",
  },
});
