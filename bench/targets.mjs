// What the runtime is meant to reach on one thread, and whether a report's measurements do.
import { meanOfRatios, pointwiseShare } from "./kernels/summary.mjs";
import { contender, meanRatio, ratio, slowest } from "./results.mjs";

const PLACES = [
  ["node", "Node"],
  ["chromium", "Chromium"],
];

/** Needed ratios to onnxruntime-web: relaxed, plain. */
const MODELS = {
  light_resnet50: [2.5, 2],
  mobilenetv2_fp32_dequant: [2.7, 2.1],
  light_squeezenet: [2.4, 1.9],
  light_vgg19: [4, 3],
};
/** Needed ratios to onnxruntime-node, relaxed. */
const NATIVE = { light_vgg19: 1.1, light_resnet50: 0.6, mobilenetv2_fp32_dequant: 0.6 };
const THREADS = { light_resnet50: 1.8, mobilenetv2_fp32_dequant: 1.6 };
/** LeNet-5, batches of 64, images a second including the update: against convnetjs, and 2 threads against 1. */
const TRAINING = 30;
const TRAINING_THREADS = 1.6;
const STARTUP_RATIO = 7;
const PEAK_MEGABYTES = { mobilenetv2_fp32_dequant: 120, light_resnet50: 320 };

const BUILDS = ["relaxed", "plain"];

/** `{ what, build, needed, measured, least?, holds, unit }` of every target (`least`: the same by least times) that the sections say something about. */
export function checkTargets(sections) {
  const found = [];
  const add = (what, build, needed, measured, { unit = "×", atMost = false, least } = {}) => {
    if (measured === undefined || Number.isNaN(measured)) return;
    const holds = atMost ? measured <= needed : measured >= needed;
    found.push({
      what,
      build,
      needed: `${atMost ? "≤" : "≥"} ${needed}${unit}`,
      measured,
      least,
      holds,
      unit,
    });
  };
  const addRatio = (what, build, needed, row, peer) =>
    add(what, build, needed, ratio(row, build, peer), { least: ratio(row, build, peer, "min_ms") });
  const addPair = (what, build, needed, slow, fast) =>
    add(what, build, needed, slow && fast && slow.median_ms / fast.median_ms, {
      least: slow && fast && slow.min_ms / fast.min_ms,
    });
  const rowsOf = (section) => (sections[section]?.rows ?? []).filter((row) => row.error === undefined);
  const rowOf = (section, model) => rowsOf(section).find((row) => row.model === model);

  for (const [section, place] of PLACES) {
    BUILDS.forEach((build, i) => {
      for (const [model, needed] of Object.entries(MODELS)) {
        addRatio(`${model} vs onnxruntime-web, ${place}`, build, needed[i], rowOf(section, model));
      }
      add(
        `suite (mean) vs onnxruntime-web, ${place}`,
        build,
        [2.6, 2][i],
        meanRatio(rowsOf(section), build),
        {
          least: meanRatio(rowsOf(section), build, "onnxruntime-web", "min_ms"),
        },
      );
      const last = slowest(rowsOf(section), build);
      addRatio(`lowest of the suite (${last?.model}), ${place}`, build, [1.5, 1.2][i], last);
    });
  }
  for (const [model, needed] of Object.entries(NATIVE)) {
    const what = `${model} vs onnxruntime-node, Node`;
    addRatio(what, "relaxed", needed, rowOf("node", model), "onnxruntime-node");
  }
  for (const { build, shapes } of rowsOf("kernels")) {
    const i = BUILDS.indexOf(build);
    add("convolution kernels vs tfjs-backend-wasm", build, [2.2, 1.7][i], meanOfRatios(shapes)?.ratio);
    for (const network of ["resnet50", "mobilenetv2"]) {
      const options = { unit: " %" };
      add(
        `pointwise layers of ${network}, of the limit`,
        build,
        [88, 68][i],
        pointwiseShare(shapes, network),
        options,
      );
    }
  }
  BUILDS.forEach((build, i) => {
    const [int8, fp32] = rowsOf("int8")[0]?.contenders.filter((one) => one.simd === build) ?? [];
    addPair("int8 MobileNetV2 (QDQ) vs our fp32", build, [1.3, 1.5][i], fp32, int8);
    for (const [model, needed] of Object.entries(THREADS)) {
      const row = rowOf("threads", model);
      const [one, two] = [1, 2].map((threads) => contender(row, "lanewise", build, threads));
      addPair(`2 threads vs 1, ${model}`, build, needed, one, two);
    }
    addRatio("training LeNet-5 vs convnetjs", build, TRAINING, rowOf("training", "lenet5"), "convnetjs");
    const shared = rowOf("training", "lenet5, 2 threads");
    const [one, two] = [1, 2].map((threads) => contender(shared, "lanewise", build, threads));
    addPair("training LeNet-5, 2 threads vs 1", build, TRAINING_THREADS, one, two);
    for (const { model, contenders } of rowsOf("startup")) {
      const own = contenders.find((one) => one.build === build);
      const peer = contenders.find((one) => one.runtime === "onnxruntime-web");
      if (model === "mobilenetv2_fp32_dequant") {
        add(`start-up of ${model} vs onnxruntime-web`, build, STARTUP_RATIO, peer.total_ms / own.total_ms);
      }
      const options = { unit: " MB", atMost: true };
      add(`peak memory of ${model}`, build, PEAK_MEGABYTES[model], own.peak_rss_bytes / 1e6, options);
    }
  });
  return found;
}
