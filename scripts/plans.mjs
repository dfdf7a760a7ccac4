// The plans of all models of the test data: node scripts/plans.mjs [--save FILE] [--against FILE] [--models A,B] [--small]
//
// A refactoring keeps every plan: save them before, compare after. Of each the table says how many steps it has, what its
// arena takes, and what is moved by Relayouts alone.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadSource } from "./load-source.mjs";

const DATA = process.env.LANEWISE_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));

const { values } = parseArgs({
  options: {
    save: { type: "string" },
    against: { type: "string" },
    models: { type: "string" },
    // The conformance suite's models as well.
    small: { type: "boolean", default: false },
  },
});

const MODULES = [
  'export { prepare, compile } from "./src/compile.ts";',
  'export { addTraining } from "./src/train/add-training.ts";',
  'export { importModel } from "./src/onnx/import.ts";',
  'export { decodeModel } from "./src/onnx/decode.ts";',
  'export { decodeTensorFile } from "./src/onnx/decode-value.ts";',
  'export { supportedPart } from "./src/onnx/supported.ts";',
];

const { prepare, compile, addTraining, importModel, decodeModel, decodeTensorFile, supportedPart } =
  await loadSource(MODULES);
addTraining();

/** Folders with a model.onnx, by a short name. */
function modelFolders() {
  const rooms = ["models", "onnx-backend/light"];
  if (values.small) rooms.push("onnx-backend/node", "onnx-backend/simple", "onnx-backend/pytorch-converted");
  const wanted = values.models?.split(",");
  return rooms.flatMap((room) =>
    readdirSync(join(DATA, room))
      .filter((name) => existsSync(join(DATA, room, name, "model.onnx")))
      .filter((name) => wanted === undefined || wanted.includes(name))
      .map((name) => ({ name, path: join(DATA, room, name) })),
  );
}

/** Dims by input name: those of the model's own test data, else as declared, with 1 for what is open. */
function dimsOf(graph, path) {
  return new Map(
    graph.inputs.map((name, i) => {
      const file = join(path, "test_data_set_0", `input_${i}.pb`);
      const declared = graph.facts.get(name)?.dims ?? [];
      if (!existsSync(file)) return [name, declared.map((dim) => (typeof dim === "number" ? dim : 1))];
      try {
        return [name, decodeTensorFile(readFileSync(file), file).dims];
      } catch {
        return [name, declared.map((dim) => (typeof dim === "number" ? dim : 1))];
      }
    }),
  );
}

/** A plan as text: its steps with their numbers, its buffers and tables; fills and definitions by their names alone. */
function textOf({ plan }) {
  const constants = new Map();
  const plain = (_key, value) => {
    if (typeof value === "function") return "ƒ";
    if (typeof value === "bigint") return `${value}n`;
    if (ArrayBuffer.isView(value)) return constants.get(value) ?? rememberConstant(constants, value);
    return Object.is(value, -0) ? "-0" : value;
  };
  return JSON.stringify(plan, plain);
}

function rememberConstant(constants, value) {
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  const digest = createHash("sha1").update(bytes).digest("hex");
  constants.set(value, digest);
  return digest;
}

/** Those that move something: an image of one channel or one pixel lies the same either way. */
function relayouts({ graph, plan }) {
  const moving = new Set(plan.steps.filter(({ op }) => op === "Relayout").map(({ node }) => node));
  const made = graph.nodes.filter(
    ({ op, domain, name }) => op === "Relayout" && domain === "lanewise" && moving.has(name),
  );
  const bytesOf = ({ outputs }) => {
    const fact = graph.facts.get(outputs[0]);
    const size = { float64: 8, int64: 8, float16: 2, int8: 1, uint8: 1, bool: 1 }[fact.dtype] ?? 4;
    return fact.dims.reduce((a, b) => a * b, size);
  };
  return { count: made.length, bytes: made.reduce((sum, node) => sum + bytesOf(node), 0) };
}

function planned({ path }) {
  const { graph } = supportedPart(importModel(decodeModel(readFileSync(join(path, "model.onnx")))));
  return ["all", "disabled"].map((level) => {
    const stage = compile(prepare(graph, { level }), dimsOf(graph, path), { level });
    const { plan } = stage;
    const text = textOf(stage);
    return {
      level,
      steps: plan.steps.length,
      host: plan.steps.filter(({ kind }) => kind === "host").length,
      arenaBytes: plan.arenaBytes,
      relayouts: relayouts(stage),
      digest: createHash("sha1").update(text).digest("hex").slice(0, 12),
      kernels: plan.steps.map(({ op, kernel }) => `${op} ${kernel ?? "by definition"}`),
    };
  });
}

const before = values.against === undefined ? undefined : JSON.parse(readFileSync(values.against, "utf8"));
const plans = {};
let [changed, failed] = [0, 0];
if (!values.small)
  console.log("| model | steps | by definition | arena KB | Relayouts | KB |\n|---|---|---|---|---|---|");
for (const folder of modelFolders()) {
  const key = folder.path.slice(DATA.length + 1).replaceAll(sep, "/");
  try {
    plans[key] = planned(folder);
  } catch (error) {
    plans[key] = [{ error: `${error.name}: ${error.message}` }];
    failed++;
  }
  const [best] = plans[key];
  if (!values.small && best.error === undefined) {
    const kb = (bytes) => Math.round(bytes / 1024);
    const { count, bytes } = best.relayouts;
    console.log(
      `| ${folder.name} | ${best.steps} | ${best.host} | ${kb(best.arenaBytes)} | ${count} | ${kb(bytes)} |`,
    );
  }
  if (before !== undefined && JSON.stringify(before[key]) !== JSON.stringify(plans[key])) {
    changed++;
    console.log(`changed: ${key}${difference(before[key], plans[key])}`);
  }
}
if (values.save !== undefined) writeFileSync(values.save, JSON.stringify(plans));
if (before !== undefined) console.log(`${changed} of ${Object.keys(plans).length} models have other plans`);
console.log(`${failed} could not be planned`);
process.exitCode = changed > 0 ? 1 : 0;

/** The first step that is another. */
function difference(old, now) {
  for (const [i, { level, error, kernels = [], relayouts }] of now.entries()) {
    const was = old?.[i];
    if (error !== was?.error) return `: ${error} (was ${was?.error})`;
    const at = kernels.findIndex((kernel, k) => kernel !== was?.kernels?.[k]);
    if (at >= 0) return ` at ${level}: step ${at} is ${kernels[at]} (was ${was?.kernels?.[at]})`;
    if (JSON.stringify(was) !== JSON.stringify(now[i]))
      return ` at ${level}: other numbers (Relayouts ${relayouts?.count}, were ${was?.relayouts?.count})`;
  }
  return "";
}
