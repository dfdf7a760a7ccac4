// Tables of what was measured, as Markdown.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { summarize } from "./kernels/summary.mjs";
import { contender, gigaflops, imagesPerSecond, meanRatio, ratio, share } from "./results.mjs";
import { checkTargets } from "./targets.mjs";

const BEGIN = "<!-- measured: written by npm run bench -- --markdown -->";
const END = "<!-- end of what was measured -->";
const NOTHING = "–";
const PROFILED_STEPS = 12;
/** Outputs that are further apart are pointed out: relative to their root mean square. */
const TOLERANCE = 1e-3;
const INT8_TOLERANCE = 0.05;

const number = (value, digits) => (value === undefined ? NOTHING : value.toFixed(digits));
const milliseconds = (value) => number(value, value < 10 ? 2 : 1);
const times = (value) => (value === undefined ? NOTHING : `${value.toFixed(2)}×`);
/** A ratio of medians, behind it that of the least times. */
export const ratios = (row, simd, peer) =>
  ratio(row, simd, peer) === undefined
    ? NOTHING
    : `${times(ratio(row, simd, peer))} (${ratio(row, simd, peer, "min_ms").toFixed(2)})`;
const both = (slow, fast) =>
  slow && fast
    ? `${times(slow.median_ms / fast.median_ms)} (${(slow.min_ms / fast.min_ms).toFixed(2)})`
    : NOTHING;
/** Median milliseconds, behind it the least. */
export const timing = (one) =>
  one === undefined ? NOTHING : `${milliseconds(one.median_ms)} (${milliseconds(one.min_ms)})`;

/** A Markdown table whose columns line up in plain text too. */
export function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)].join(
    "\n",
  );
}

const COMPARISON_HEAD = [
  "model",
  "GMAC",
  "relaxed ms (min)",
  "GFLOP/s",
  "% of limit",
  "plain ms (min)",
  "GFLOP/s",
  "% of limit",
  "onnxruntime-web ms (min)",
  "relaxed ratio (of min)",
  "plain ratio (of min)",
];
const NATIVE_HEAD = ["onnxruntime-node ms (min)", "relaxed ratio (of min)"];

function comparison({ rows }) {
  const hasNative = rows.some((row) => contender(row, "onnxruntime-node"));
  const good = rows.filter((row) => row.error === undefined);
  const body = good.map((row) => {
    const builds = ["relaxed", "plain"].map((simd) => contender(row, "lanewise", simd));
    const native = [timing(contender(row, "onnxruntime-node")), ratios(row, "relaxed", "onnxruntime-node")];
    return [
      row.model,
      row.macs ? (row.macs / 1e9).toFixed(3) : NOTHING,
      ...builds.flatMap((own) => [timing(own), number(gigaflops(row, own), 1), number(share(row, own), 0)]),
      timing(contender(row, "onnxruntime-web")),
      ratios(row, "relaxed"),
      ratios(row, "plain"),
      ...(hasNative ? native : []),
    ];
  });
  const mean = (simd, peer) =>
    `${times(meanRatio(good, simd, peer))} (${number(meanRatio(good, simd, peer, "min_ms"), 2)})`;
  const means = [mean("relaxed"), mean("plain")];
  const last = ["geometric mean", ...Array(8).fill(""), ...means];
  if (hasNative) last.push("", mean("relaxed", "onnxruntime-node"));
  const head = hasNative ? [...COMPARISON_HEAD, ...NATIVE_HEAD] : COMPARISON_HEAD;
  return [table(head, [...body, last]), ...remarks(rows)].join("\n");
}

/** What did not run, and what came out otherwise than in the reference. */
function remarks(rows) {
  const lines = rows.filter((row) => row.error).map((row) => `- ${row.model} is left out: ${row.error}`);
  for (const { model, int8, contenders } of rows.filter((row) => row.contenders)) {
    for (const { label, error, difference } of contenders) {
      if (error) lines.push(`- ${model}: ${label} does not run it: ${error}`);
      if (difference > (int8 ? INT8_TOLERANCE : TOLERANCE))
        lines.push(`- ${model}: outputs of ${label} differ by ${difference.toExponential(1)}`);
    }
  }
  return lines.length === 0 ? [] : ["", ...lines];
}

function training({ rows }) {
  const good = rows.filter((row) => row.contenders !== undefined);
  const alone = good.filter((row) => !row.contenders.some((one) => one.threads > 1));
  const rate = (row, one) => number(imagesPerSecond(row, one), 0);
  const body = alone.map((row) => [
    row.model,
    String(row.images),
    ...["relaxed", "plain"].flatMap((simd) => {
      const own = contender(row, "lanewise", simd);
      return [timing(own), rate(row, own), number(gigaflops(row, own), 1), number(share(row, own), 0)];
    }),
    rate(row, contender(row, "convnetjs")),
    ratios(row, "relaxed", "convnetjs"),
    ratios(row, "plain", "convnetjs"),
  ]);
  const head = [
    "network",
    "batch",
    ...["relaxed", "plain"].flatMap((simd) => [`${simd} ms (min)`, "images/s", "GFLOP/s", "% of limit"]),
    "convnetjs images/s",
    "relaxed ratio (of min)",
    "plain ratio (of min)",
  ];
  const shared = good.filter((row) => !alone.includes(row));
  return [
    "An update on a batch: forward, backward and SGD with momentum, 3 × the multiply-accumulates of the forward pass. Features of MobileNetV2 are the frozen part's forward pass; the head is a dense layer trained on them.",
    table(head, body),
    ...(shared.length > 0 ? [threads({ rows: shared })] : []),
    ...remarks(rows),
  ].join("\n\n");
}

function threads({ rows }) {
  const body = rows.flatMap((row) =>
    ["relaxed", "plain"].map((simd) => {
      const own = row.contenders?.filter((one) => one.simd === simd && one.median_ms) ?? [];
      const [many, one] = own;
      return [row.model, simd, timing(one), timing(many), both(one, many)];
    }),
  );
  const count = Math.max(...rows.flatMap((row) => row.contenders?.map((one) => one.threads) ?? []));
  const head = ["model", "build", "1 thread ms (min)", `${count} threads ms (min)`, "ratio (of min)"];
  return [table(head, body), ...remarks(rows)].join("\n");
}

function int8({ rows }) {
  const body = rows.flatMap((row) =>
    ["relaxed", "plain"].map((simd) => {
      const [quantized, fp32] = row.contenders?.filter((one) => one.simd === simd) ?? [];
      return [simd, timing(quantized), timing(fp32), both(fp32, quantized)];
    }),
  );
  return table(["build", "int8 ms (min)", "fp32 ms (min)", "ratio (of min)"], body);
}

function startup({ rows }) {
  const body = rows.flatMap(({ model, contenders }) =>
    contenders.map((one) => [
      model,
      one.build === undefined ? one.runtime : `${one.runtime} ${one.build}`,
      ...["import_ms", "create_ms", "run_ms", "total_ms"].map((field) => number(one[field], 0)),
      number(one.peak_rss_bytes / 1e6, 0),
    ]),
  );
  return table(
    ["model", "runtime", "import ms", "create ms", "first run ms", "total ms", "peak memory MB"],
    body,
  );
}

function kernels({ rows }) {
  const byShape = new Map();
  for (const { build, shapes = [] } of rows) {
    for (const shape of shapes) {
      const key = `${shape.family} ${shape.name}`;
      const rate = (ms) => (2 * shape.macs) / ms / 1e6;
      const cells = byShape.get(key) ?? { tfjs: shape.tfjs_ms && number(rate(shape.tfjs_ms), 1) };
      const own = `${number(rate(shape.ms), 1)} (${number((100 * rate(shape.ms)) / shape.limit, 0)} %)`;
      cells[build] = [own, times(shape.tfjs_ms && shape.tfjs_ms / shape.ms)];
      byShape.set(key, cells);
    }
  }
  const missing = [NOTHING, NOTHING];
  const body = [...byShape].map(([key, { tfjs = NOTHING, relaxed = missing, plain = missing }]) => [
    ...key.split(" "),
    ...relaxed,
    ...plain,
    tfjs,
  ]);
  const head = ["family", "shape", "relaxed GFLOP/s", "vs tfjs", "plain GFLOP/s", "vs tfjs", "tfjs GFLOP/s"];
  const lines = rows.flatMap(({ build, shapes }) =>
    shapes ? summarize(shapes).map((line) => `- ${build}: ${line}`) : [`- ${build}: failed`],
  );
  return `${lines.join("\n")}\n\n${table(head, body)}`;
}

const SECTIONS = {
  node: ["In Node", comparison],
  chromium: ["In Chromium", comparison],
  threads: ["More threads", threads],
  int8: ["int8 against fp32, MobileNetV2", int8],
  training: ["Training", training],
  startup: ["Start-up and memory, fresh Node process", startup],
  kernels: ["Single kernels", kernels],
};

/** One section under its heading. */
export const sectionText = (name, section) => {
  const [title, body] = SECTIONS[name];
  return `## ${title}\n\n${body(section)}`;
};

function groupsOf(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

/** Where the time of the profiled builds goes: by kernel, then the steps that lose most against the limit. */
export function profileText({ rows }) {
  const blocks = [];
  for (const row of rows) {
    for (const { label, simd, steps } of row.contenders ?? []) {
      if (steps === undefined) continue;
      const total = steps.reduce((sum, { ms }) => sum + ms, 0);
      const macsOf = ({ node }) => row.layer_macs?.[node] ?? 0;
      const lost = (ms, macs) => ms - (2 * macs) / row.limits[simd] / 1e6;
      const cells = (ms, macs) => [
        ms.toFixed(3),
        `${((100 * ms) / total).toFixed(1)} %`,
        macs > 0 ? ((2 * macs) / ms / 1e6).toFixed(1) : NOTHING,
        lost(ms, macs).toFixed(3),
      ];
      const kinds = groupsOf(steps, ({ op, kernel }) => `${op} ${kernel}`).map((group) => ({
        ...group[0],
        count: group.length,
        ms: group.reduce((sum, { ms }) => sum + ms, 0),
        macs: group.reduce((sum, step) => sum + macsOf(step), 0),
      }));
      const byKind = kinds
        .sort((a, b) => b.ms - a.ms)
        .slice(0, PROFILED_STEPS)
        .map(({ op, kernel, count, ms, macs }) => [op, kernel, String(count), ...cells(ms, macs)]);
      const bySteps = steps
        .map((step) => ({ ...step, macs: macsOf(step) }))
        .sort((a, b) => lost(b.ms, b.macs) - lost(a.ms, a.macs))
        .slice(0, PROFILED_STEPS)
        .map(({ node, op, kernel, ms, macs }) => [node, op, kernel, ...cells(ms, macs)]);
      const columns = ["ms", "share", "GFLOP/s", "ms over the limit"];
      blocks.push(
        `### ${row.model}, ${label}: ${total.toFixed(2)} ms in steps\n`,
        table(["op", "kernel", "steps", ...columns], byKind),
        "",
        table(["node", "op", "kernel", ...columns], bySteps),
        "",
      );
    }
  }
  return blocks.join("\n");
}

const targetsText = (sections) => {
  const body = checkTargets(sections).map(({ what, build, needed, measured, least, holds, unit }) => [
    what,
    build,
    needed,
    `${measured.toFixed(unit === "×" ? 2 : 0)}${unit}${least === undefined ? "" : ` (${least.toFixed(2)})`}`,
    holds ? "yes" : "no",
  ]);
  return body.length === 0
    ? ""
    : table(["target, one thread unless said", "build", "needed", "measured (of min)", "holds"], body);
};

function document({ machine, versions, sections }) {
  const versionText = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const runs = Object.entries(sections).map(
    ([name, { lanewise, date, command, load }]) =>
      `- ${SECTIONS[name][0]}: lanewise ${lanewise}, ${date}, \`${command}\`, load ${load.join(" to ")}`,
  );
  return [
    `${machine}; ${versionText.join(", ")}. One thread, pinned to one core, unless said otherwise. Load is the system's average over a minute, before and after: with more than one busy process a core the milliseconds are not the machine's best, while the ratios, measured by turns, hold.`,
    runs.join("\n"),
    "## Targets",
    targetsText(sections),
    ...Object.keys(SECTIONS)
      .filter((name) => sections[name])
      .map((name) => sectionText(name, sections[name])),
  ].join("\n\n");
}

/** Writes the report into a file, between the marks where it has them: what people wrote around them stays. */
export function writeMarkdown(file, results) {
  const text = existsSync(file) ? readFileSync(file, "utf8") : `# Benchmarks\n\n${BEGIN}\n${END}\n`;
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} lacks the lines ${BEGIN} and ${END}`);
  writeFileSync(file, `${text.slice(0, begin)}${BEGIN}\n\n${document(results)}\n\n${text.slice(end)}`);
}
