// Builds what the tests need and runs them; arguments go to vitest: node scripts/test.mjs [file…] [--reporter=…]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildDist } from "./build.mjs";
import { ENGINE_NAMES, installPrograms } from "./programs.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const args = process.argv.slice(2);

const files = args.filter((arg) => !arg.startsWith("-"));
const runs = (folder) => files.length === 0 || files.some((file) => file.includes(folder));

await buildDist();
installPrograms([
  ...(runs("engines") ? ENGINE_NAMES : runs("browser") ? ["Chromium"] : []),
  ...(runs("fleet") ? ["Redis"] : []),
]);
const { status, signal } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url)), "run", ...args],
  { cwd: root, stdio: "inherit" },
);
if (signal !== null) console.error(`the tests were ended by ${signal}`);
process.exit(status ?? 1);
