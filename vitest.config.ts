import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

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
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/global-setup.ts"],
    setupFiles: ["tests/support/all-of-node.ts"],
    execArgv: ["--experimental-wasm-relaxed-simd"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./tests/support/left-out-reporter.ts"],
    pool: "forks",
  },
});
