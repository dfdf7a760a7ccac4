// Measures contenders against each other; runs in Node and in a page. What differs between the two comes in `platform`.
import { median } from "./statistics.mjs";

/** A sample takes at least this long by default: short runs are repeated within it, for clocks are coarse in browsers. */
const SAMPLE_MS = 4;
const MAX_ROUNDS = 400;
const PROFILED_RUNS = 10;

/**
 * Runs a job: `{ contenders, inputs?, warmSeconds, seconds, rounds, sampleMs?, profile? }`, where a contender is
 * `{ label, runtime, model, simd?, threads? }`. The platform gives `modules` (a runtime's module by name), `load`
 * (a model's bytes) and `probes` (functions that give the GFLOP/s of the machine's limit, by build).
 *
 * Every contender is opened and warmed up alone; then they take turns until the time is over. Gives for each the runs,
 * median and least milliseconds, or the error that kept it from running, and the median of the probes.
 */
export async function measure(job, platform) {
  const results = [];
  const entered = [];
  for (const contender of job.contenders) {
    const result = { ...contender };
    results.push(result);
    try {
      entered.push({ result, ...(await enter(contender, job, platform)) });
    } catch (error) {
      result.error = String(error?.message ?? error).split("\n")[0];
    }
  }
  compareOutputs(entered);
  return { contenders: results, limits: await compete(entered, job, platform.probes) };
}

/**
 * Warms up what is `{ result, run, release, steps? }` and lets it take turns; writes the milliseconds of a run, and of
 * its steps where the job asks for a profile, into each `result`. Gives the median of the probes, by build.
 */
export async function compete(opened, job, probes) {
  const entered = opened.map((one) => Object.assign(one, { times: [] }));
  for (const one of entered) await warmUp(one, job);
  const limits = await takeTurns(entered, job, probes);
  for (const { result, batch, times } of entered) {
    Object.assign(result, {
      samples: times.length,
      batch,
      median_ms: median(times),
      min_ms: Math.min(...times),
    });
  }
  if (job.profile) for (const { result, steps } of entered) if (steps) result.steps = await steps();
  for (const { release } of entered) await release();
  return limits;
}

async function enter({ runtime, model, simd, threads = 1 }, job, { modules, load }) {
  const module = modules[runtime];
  const bytes = await load(model);
  const session = await module.InferenceSession.create(bytes, sessionOptions(runtime, simd, threads));
  const feeds = {};
  for (const { name, type, dims, data } of makeFeeds(session, job.inputs ?? {})) {
    feeds[name] = new module.Tensor(type, data, dims);
  }
  const outputs = await session.run(feeds);
  return {
    outputs,
    run: () => session.run(feeds),
    release: () => session.release(),
    ...(isLanewise(runtime) && { steps: () => profile((onStep) => session.run(feeds, { onStep })) }),
  };
}

/** lanewise, or one of several builds of it: "lanewise", "lanewise old". */
const isLanewise = (runtime) => runtime.split(" ")[0] === "lanewise";

function sessionOptions(runtime, simd, threads) {
  if (isLanewise(runtime)) return { simd, threads };
  const common = { graphOptimizationLevel: "all", logSeverityLevel: 3 };
  if (runtime === "onnxruntime-web") return { ...common, executionProviders: ["wasm"] };
  return { ...common, executionProviders: ["cpu"], intraOpNumThreads: threads, interOpNumThreads: 1 };
}

/** The same seeded numbers in [0, 1) for every contender; sizes that stay open are 1. */
function makeFeeds(session, inputs) {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return session.inputMetadata.map(({ name, type, shape }) => {
    if (type !== "float32") throw new Error(`the bench feeds float32 only; the input ${name} is ${type}`);
    const dims = inputs[name] ?? shape.map((dim) => (typeof dim === "number" ? dim : 1));
    const count = dims.reduce((a, b) => a * b, 1);
    return { name, type, dims, data: Float32Array.from({ length: count }, next) };
  });
}

/** How far each is from the last (the peers come last), as root mean square over all outputs, relative to theirs. */
function compareOutputs(entered) {
  const reference = entered.at(-1)?.outputs;
  for (const { result, outputs } of entered.slice(0, -1)) {
    let difference = 0;
    let size = 0;
    for (const [name, { data, type }] of Object.entries(reference)) {
      if (type !== "float32" || outputs[name] === undefined) continue;
      data.forEach((value, i) => {
        difference += (value - outputs[name].data[i]) ** 2;
        size += value ** 2;
      });
    }
    result.difference = Math.sqrt(difference / size);
  }
  for (const one of entered) delete one.outputs;
}

async function warmUp(one, { warmSeconds, sampleMs = SAMPLE_MS }) {
  const start = performance.now();
  let runs = 0;
  do {
    await one.run();
    runs++;
  } while (performance.now() - start < warmSeconds * 1000);
  one.batch = Math.max(1, Math.ceil((sampleMs * runs) / (performance.now() - start)));
}

async function takeTurns(entered, { seconds, rounds }, probes) {
  const limits = Object.fromEntries(Object.keys(probes).map((build) => [build, []]));
  const until = performance.now() + seconds * 1000;
  for (let round = 0; round < MAX_ROUNDS && (round < rounds || performance.now() < until); round++) {
    for (const { run, batch, times } of entered) {
      const start = performance.now();
      for (let i = 0; i < batch; i++) await run();
      times.push((performance.now() - start) / batch);
    }
    for (const [build, probe] of Object.entries(probes)) limits[build].push(probe());
  }
  return Object.fromEntries(Object.entries(limits).map(([build, rates]) => [build, median(rates)]));
}

/** Median time of every step, as `{ node, op, kernel, ms }`, slowest first; `runWith` runs once and reports steps. */
export async function profile(runWith) {
  const steps = new Map();
  for (let run = 0; run < PROFILED_RUNS; run++) {
    await runWith(({ node, op, kernel, ms }) => {
      const key = `${node}\u0000${kernel}`;
      const step = steps.get(key) ?? { node, op, kernel, runs: [] };
      step.runs[run] = (step.runs[run] ?? 0) + ms;
      steps.set(key, step);
    });
  }
  return [...steps.values()]
    .map(({ runs, ...step }) => ({ ...step, ms: median(runs) }))
    .sort((a, b) => b.ms - a.ms);
}
