// How long two builds take from a model's bytes to the first outputs, each time in a fresh process, and the old one beside
// itself: node bench/compare-starts.mjs OLD_DIST [NEW_DIST] [--models A,B] [--rounds N]
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pinning, runChild } from "./children.mjs";
import { DATA, findModel } from "./models.mjs";
import { median } from "./statistics.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: "string" },
    rounds: { type: "string", default: "9" },
    core: { type: "string", default: "1" },
  },
});
const [old, recent = fileURLToPath(new URL("../dist", import.meta.url))] = positionals.map((path) =>
  resolve(path),
);
if (old === undefined) throw new Error("usage: node bench/compare-starts.mjs OLD_DIST [NEW_DIST]");

const names =
  values.models?.split(",") ??
  readdirSync(`${DATA}/models`).filter((name) => existsSync(`${DATA}/models/${name}/model.onnx`));
const machine = { pin: pinning(values.core) };
const CONTENDERS = [
  ["old", old],
  ["new", recent],
  ["again", old],
];
/** Dims by input name, as the model's own test data have them. */
function dimsBeside(path) {
  const info = join(dirname(path), "info.json");
  if (!existsSync(info)) return {};
  return Object.fromEntries(
    JSON.parse(readFileSync(info, "utf8")).inputs.map(({ name, dims }) => [name, dims]),
  );
}

const PARTS = ["create", "run", "both"];
const logs = Object.fromEntries(PARTS.map((part) => [part, { new: [], again: [] }]));
const show = (ratio) => ratio.toFixed(3);
const mean = (list) => Math.exp(list.reduce((sum, value) => sum + value, 0) / list.length);

console.log("ratios to the old build, of medians (of least times): below 1 is faster\n");
console.log(`| model | old ms | ${PARTS.map((part) => `${part}, new ÷ old | old ÷ old`).join(" | ")} |`);
console.log(`|---|---|${PARTS.map(() => "---|---").join("|")}|`);
for (const name of names) {
  const { path, inputs } = findModel(name);
  const dims = JSON.stringify(inputs ?? dimsBeside(path));
  const times = { old: [], new: [], again: [] };
  try {
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [label, dist] of CONTENDERS)
        times[label].push(runChild("start-child.mjs", [dist, path, dims], machine));
  } catch (error) {
    console.log(`| ${name} | ${error.message} |`);
    continue;
  }
  const of = (label, part) => times[label].map((time) => time[part]);
  const cells = PARTS.flatMap((part) =>
    ["new", "again"].map((label) => {
      const [own, base] = [of(label, part), of("old", part)];
      logs[part][label].push(Math.log(median(own) / median(base)));
      return `${show(median(own) / median(base))} (${show(Math.min(...own) / Math.min(...base))})`;
    }),
  );
  console.log(`| ${name} | ${median(of("old", "both")).toFixed(1)} | ${cells.join(" | ")} |`);
}
for (const part of PARTS)
  console.log(
    `\n${part}: geometric means new ÷ old ${show(mean(logs[part].new))}, old ÷ old ${show(mean(logs[part].again))}`,
  );
