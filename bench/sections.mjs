// What is measured, section by section; each function gives the section's rows and prints them as they come.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runChild } from "./children.mjs";
import { inspect } from "./inspect.mjs";
import { findModel } from "./models.mjs";
import { median } from "./statistics.mjs";

const THREADED_MODELS = ["light_resnet50", "mobilenetv2_fp32_dequant"];
const STARTUP_MODELS = ["mobilenetv2_fp32_dequant", "light_resnet50"];
const BUILDS = ["relaxed", "plain"];

const lanewise = (simd, threads = 1) => ({ label: `lanewise ${simd}`, runtime: "lanewise", simd, threads });
const web = { label: "onnxruntime-web", runtime: "onnxruntime-web" };
const native = { label: "onnxruntime-node", runtime: "onnxruntime-node" };

/**
 * A setting is `{ dist, probes, flags, pin, warmSeconds, seconds, rounds, profile }`: the build that is measured, the
 * files of the probes by build, Node's flags, the command that pins to a core, and how long to measure.
 */
export const SECTIONS = {
  node: (names, setting, print) =>
    compareModels(
      "node-child.mjs",
      names,
      [...BUILDS.map((simd) => lanewise(simd)), web, native],
      setting,
      print,
    ),
  chromium: (names, setting, print) =>
    compareModels(
      "chromium-child.mjs",
      names,
      [...BUILDS.map((simd) => lanewise(simd)), web],
      setting,
      print,
    ),
  threads: (_, { threads, ...setting }, print) =>
    compareModels(
      "node-child.mjs",
      THREADED_MODELS,
      BUILDS.flatMap((simd) => [lanewise(simd, threads), lanewise(simd)]),
      { ...setting, pin: [], threads },
      print,
    ),
  int8: (_, setting, print) => {
    const [int8, fp32] = ["mobilenetv2_int8_c", "mobilenetv2_fp32_dequant"].map(
      (name) => findModel(name).path,
    );
    const pairs = BUILDS.flatMap((simd) => [int8, fp32].map((model) => ({ ...lanewise(simd), model })));
    return compareModels("node-child.mjs", ["mobilenetv2_int8_c"], pairs, setting, print);
  },
  training,
  startup,
  kernels,
};

/** One row a model: `{ model, int8, macs, contenders, limits }`, or `{ model, error }`. */
function compareModels(script, names, contenders, setting, print) {
  return names.map((name) => {
    const row = { model: name };
    try {
      const { path, int8 = false, inputs } = findModel(name);
      const { pin, flags, ...rest } = setting;
      const job = { ...rest, inputs, contenders: contenders.map((one) => ({ model: path, ...one })) };
      const result = runChild(script, [JSON.stringify(job)], { pin, flags });
      // Paths say nothing on another machine.
      for (const one of result.contenders) delete one.model;
      const { totals, layers } = inspect(path, inputs, setting.dist);
      Object.assign(row, { int8, macs: totals.macs }, result);
      if (setting.profile) row.layer_macs = Object.fromEntries(layers.map(({ name, macs }) => [name, macs]));
    } catch (error) {
      row.error = error.message;
    }
    print(row);
    return row;
  });
}

/**
 * Updates on one batch after the other; a row as of `compareModels`, with the images of a run. Rows of `threads` are of
 * their own process, which no core is set for.
 */
function training(_, setting, print) {
  const builds = BUILDS.map((simd) => lanewise(simd));
  const convnetjs = { label: "convnetjs", runtime: "convnetjs" };
  const pairs = BUILDS.flatMap((simd) => [lanewise(simd, setting.threads), lanewise(simd)]);
  const rows = [
    { task: "lenet5", contenders: [...builds, convnetjs] },
    { task: "resnet20", contenders: builds },
    { task: "mobilenetv2 features", contenders: builds },
    { task: "mobilenetv2 head", contenders: builds },
    { task: "lenet5", contenders: pairs, threads: setting.threads },
    { task: "resnet20", contenders: pairs, threads: setting.threads },
  ];
  return rows.map(({ task, contenders, threads }) => {
    const row = { model: threads ? `${task}, ${threads} threads` : task };
    try {
      const { pin, flags, ...rest } = setting;
      const model = task.startsWith("mobilenetv2") ? findModel("mobilenetv2_fp32_dequant").path : undefined;
      const job = JSON.stringify({ ...rest, task, model, contenders });
      Object.assign(row, runChild("training-child.mjs", [job], { pin: threads ? [] : pin, flags }));
    } catch (error) {
      row.error = error.message;
    }
    print(row);
    return row;
  });
}

/** Import, creation and first run in fresh processes, by turns; in both builds. */
function startup(_, { dist, flags, pin, startupRounds }, print) {
  const peers = [
    { runtime: "lanewise", build: "relaxed", module: pathToFileURL(join(dist, "index.js")).href, flags },
    { runtime: "lanewise", build: "plain", module: pathToFileURL(join(dist, "index.js")).href, flags: [] },
    { runtime: "onnxruntime-web", module: "onnxruntime-web", flags: [] },
  ];
  return STARTUP_MODELS.map((model) => {
    const { path } = findModel(model);
    const rounds = Array.from({ length: startupRounds }, () =>
      peers.map(({ runtime, module, flags: ownFlags }) =>
        runChild("startup-child.mjs", [runtime, module, path], { pin, flags: ownFlags }),
      ),
    );
    const contenders = peers.map(({ runtime, build }, i) => {
      const fields = Object.keys(rounds[0][i]);
      const medians = fields.map((field) => [field, median(rounds.map((round) => round[i][field]))]);
      return { runtime, build, ...Object.fromEntries(medians) };
    });
    const row = { model, contenders };
    print(row);
    return row;
  });
}

/** The kernels at the shapes of real layers beside tfjs-backend-wasm: one row a build. */
function kernels(_, { flags, pin, probes }, print) {
  const folder = mkdtempSync(join(tmpdir(), "lanewise-bench-"));
  const script = fileURLToPath(new URL("kernels/run.mjs", import.meta.url));
  const rows = Object.keys(probes).map((build) => {
    const file = join(folder, `${build}.json`);
    const [command, ...args] = [...pin, process.execPath, ...flags, script, "all", "--tfjs"];
    const { status } = spawnSync(command, [...args, "--simd", build, "--json", file], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const row =
      status === 0 ? { build, shapes: JSON.parse(readFileSync(file, "utf8")) } : { build, error: "failed" };
    print(row);
    return row;
  });
  rmSync(folder, { recursive: true });
  return rows;
}
