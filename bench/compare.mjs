// Two builds of lanewise beside each other, and the old one beside itself: node bench/compare.mjs OLD_DIST [NEW_DIST]
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pinning, relaxedFlags, runChild } from "./children.mjs";
import { findModel, SUITE } from "./models.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: "string" },
    simd: { type: "string", default: "plain,relaxed" },
    seconds: { type: "string", default: "8" },
    core: { type: "string", default: "1" },
  },
});
const [old, recent = fileURLToPath(new URL("../dist", import.meta.url))] = positionals.map((path) =>
  resolve(path),
);
if (old === undefined) throw new Error("usage: node bench/compare.mjs OLD_DIST [NEW_DIST] [--models A,B]");

const { simdSupport } = await import(`${recent}/index.js`);
const machine = { pin: pinning(values.core), flags: relaxedFlags(simdSupport()) };
const builds = values.simd.split(",");
const names = values.models?.split(",") ?? SUITE.map(({ name }) => name);
const logs = { new: [], again: [] };
const percent = (ratio) => ratio.toFixed(3);
const mean = (list) => Math.exp(list.reduce((sum, value) => sum + value, 0) / list.length);

console.log("ratios to the old build, of medians (of least times): below 1 is faster\n");
console.log("| model | build | old ms | new ÷ old | old ÷ old |\n|---|---|---|---|---|");
for (const name of names) {
  const { path, inputs } = findModel(name);
  const contenders = builds.flatMap((simd) =>
    ["old", "new", "again"].map((label) => ({ label, runtime: `lanewise ${label}`, model: path, simd })),
  );
  const job = { contenders, inputs, warmSeconds: 1, seconds: Number(values.seconds), rounds: 10 };
  const results = runChild(
    "compare-child.mjs",
    [JSON.stringify({ ...job, dists: { old, new: recent } })],
    machine,
  );
  for (const simd of builds) {
    const of = (label) => results.find((one) => one.simd === simd && one.label === label);
    const base = of("old");
    const cell = (label) => {
      const own = of(label);
      if (base.error ?? own.error) return base.error ?? own.error;
      logs[label].push(Math.log(own.median_ms / base.median_ms));
      return `${percent(own.median_ms / base.median_ms)} (${percent(own.min_ms / base.min_ms)})`;
    };
    console.log(`| ${name} | ${simd} | ${base.median_ms?.toFixed(2)} | ${cell("new")} | ${cell("again")} |`);
  }
}
console.log(
  `\ngeometric means: new ÷ old ${percent(mean(logs.new))}, old ÷ old ${percent(mean(logs.again))}`,
);
