// npm run bench: builds, then compares with onnxruntime-web on one pinned core, in both SIMD builds.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildDist } from "./build.mjs";

const compare = fileURLToPath(new URL("../bench/compare.mjs", import.meta.url));
const args = process.argv.slice(2);

await buildDist({ types: false });
const pin = spawnSync("taskset", ["-c", "1", "true"]).status === 0 ? ["taskset", "-c", "1"] : [];
if (pin.length === 0) console.log("taskset is not here: the runs are not pinned to a core");
const builds = args.includes("--simd")
  ? [[]]
  : [
      ["--simd", "relaxed"],
      ["--simd", "plain"],
    ];
for (const build of builds) {
  const command = [...pin, process.execPath, "--experimental-wasm-relaxed-simd", compare, ...build, ...args];
  const { status } = spawnSync(command[0], command.slice(1), { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
