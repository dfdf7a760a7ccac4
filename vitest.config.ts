import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { kernelsModule } from "./scripts/embed-kernels.mjs";

export default defineConfig({
  plugins: [
    {
      name: "kernels",
      enforce: "pre",
      resolveId: (id) => (id === "#kernels-text" ? "\0kernels" : undefined),
      load: (id) => (id === "\0kernels" ? kernelsModule() : undefined),
    },
    {
      name: "wasm-bytes",
      enforce: "pre",
      load(id) {
        if (!id.endsWith(".wasm")) return undefined;
        const base64 = readFileSync(id).toString("base64");
        return `export default Uint8Array.from(atob("${base64}"), (c) => c.charCodeAt(0));`;
      },
    },
  ],
  resolve: {
    alias: {
      // What browsers load: the more of the two there is to go wrong.
      "#kernels": new URL("./src/runtime/embedded-text.ts", import.meta.url).pathname,
    },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/global-setup.ts"],
    setupFiles: ["tests/support/gradient-nodes.ts"],
    execArgv: ["--experimental-wasm-relaxed-simd"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./tests/support/left-out-reporter.ts"],
    pool: "forks",
  },
});
