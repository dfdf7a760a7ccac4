// Writes the table of the zoo into docs/models.md; with --check, fails where it is out of date.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadSource } from "./load-source.mjs";
import { writeGenerated } from "./write-generated.mjs";

const page = fileURLToPath(new URL("../docs/models.md", import.meta.url));

const grouped = (value) => value.toLocaleString("en-US");

const counts = (published, isMeant) =>
  published
    .filter(isMeant)
    .map(({ parameters, source, precision }) =>
      precision === "exact" ? source : `${grouped(parameters)}: ${source}`,
    )
    .join("; ");

/** A row for each network. */
async function zooTable() {
  const { zoo, summarizeNetwork } = await loadSource([
    'export { zoo } from "./models/zoo.ts";',
    'export { summarizeNetwork } from "./src/inspect/network-summary.ts";',
  ]);
  const rows = zoo.map(({ name, paper, published, build }) => {
    const network = build({ weights: "counted" });
    const { trainable, macs } = summarizeNetwork(network);
    const input = network.graph.facts.get(network.graph.inputs[0]).dims.slice(1).join("×");
    const agreeing = counts(published, ({ precision }) => precision !== "otherwise");
    const others = counts(published, ({ precision }) => precision === "otherwise");
    return `| \`${name}\` | ${input} | ${grouped(trainable)} | ${agreeing} | ${others} | ${(macs / 1e9).toPrecision(3)} | ${paper} |`;
  });
  return [
    `${zoo.length} networks.`,
    "",
    "| network | input | parameters | as counted by | others say | GMACs | paper |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

const old = readFileSync(page, "utf8");
const table = await zooTable();
const text = old.replace(
  /(<!-- zoo -->\n)[\s\S]*(<!-- \/zoo -->)/,
  (_, begin, end) => `${begin}\n${table}\n\n${end}`,
);
writeGenerated(page, old, text, {
  check: process.argv.includes("--check"),
  command: "node scripts/generate-models.mjs",
});
