// What a weight takes to be initialised, and all of VGG-19's: node bench/initialisers.mjs [DIST] [--rounds N]
// Beside the time on the clock stands the processor's, which work of others does not lengthen.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundleNetworks } from "./networks.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" } },
});
const rounds = Number(values.rounds);
const dist = resolve(positionals[0] ?? fileURLToPath(new URL("../dist", import.meta.url)));
const { initializers, sequential, dense } = await import(pathToFileURL(join(dist, "nn.js")).href);

/** The least of some rounds, in milliseconds. */
function leastOf(work) {
  let [wall, processor] = [Infinity, Infinity];
  for (let round = 0; round < rounds; round++) {
    const [began, used] = [performance.now(), process.cpuUsage()];
    work(round);
    const { user, system } = process.cpuUsage(used);
    wall = Math.min(wall, performance.now() - began);
    processor = Math.min(processor, (user + system) / 1000);
  }
  return { wall, processor };
}

const show = (what, weights, { wall, processor }) => {
  const each = (ms) => `${((ms * 1e6) / weights).toFixed(1)} ns`;
  console.log(
    `${what}: ${weights} weights, ${wall.toFixed(0)} ms (${each(wall)} each), processor ${processor.toFixed(0)} ms (${each(processor)})`,
  );
};

// As many as are still drawn one by one, and as a large dense layer has.
for (const [inputs, units] of [
  [512, 512],
  [4096, 4096],
])
  for (const name of ["zeros", "heNormal", "glorotNormal", "heUniform", "lecunUniform"]) {
    const weightInitializer = initializers[name]();
    const build = (seed) =>
      sequential({ input: [inputs], seed }, [dense({ units, bias: false, weightInitializer })]);
    show(name, inputs * units, leastOf(build));
  }

const folder = mkdtempSync(join(tmpdir(), "lanewise-initialisers-"));
try {
  await bundleNetworks(folder, dist, ["vgg"]);
  const { vgg19 } = await import(pathToFileURL(join(folder, "vgg.mjs")).href);
  show(
    "VGG-19",
    143_667_240,
    leastOf((seed) => vgg19({ seed })),
  );
} finally {
  rmSync(folder, { recursive: true });
}
