// Builds what the tests need and runs them; arguments go to vitest: node scripts/test.mjs [file…] [--reporter=…]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildDist } from "./build.mjs";
import { findChromium, installChromium } from "./chromium.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);

const files = args.filter((arg) => !arg.startsWith("-"));
const runsBrowserTests = files.length === 0 || files.some((file) => file.includes("browser"));

await buildDist();
if (runsBrowserTests && findChromium() === undefined) installChromium();
const { status, signal } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url)), "run", ...args],
  { cwd: root, stdio: "inherit" },
);
if (signal !== null) console.error(`the tests were ended by ${signal}`);
process.exit(status ?? 1);
