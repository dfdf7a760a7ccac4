import { setFlagsFromString } from "node:v8";
import { type Command, Option } from "commander";
import { summarize } from "../inspect/summary.ts";
import type { OptimizationLevel } from "../passes/pipeline.ts";
import { bindInputs } from "../passes/propagate-facts.ts";
import { type Simd, simdSupport } from "../runtime/kernels.ts";
import type { Feeds, InferenceSession } from "../session.ts";
import type { Tensor } from "../tensor.ts";
import {
  type CommonOptions,
  collect,
  grouped,
  newCommand,
  optimizeOption,
  print,
  printJson,
  wholeNumber,
} from "./command.ts";
import { openModel, openSession } from "./open-model.ts";
import { progressLine } from "./progress.ts";
import { randomFeeds } from "./random-tensor.ts";
import { table } from "./table.ts";

interface BenchOptions extends CommonOptions {
  readonly runs: number;
  readonly warmupMs: number;
  readonly simd?: Simd;
  readonly threads: number;
  readonly dims?: readonly string[];
  readonly optimize: OptimizationLevel;
  readonly profile?: boolean;
}

/** The time of a node in one kernel, as a mean over the runs. */
interface ProfiledStep {
  readonly node: string;
  readonly op: string;
  readonly kernel: string;
  readonly ms: number;
}

/** What `bench` measures; times in milliseconds. */
interface Measurement {
  readonly model: string;
  readonly simd: Simd;
  readonly threads: number;
  readonly load_ms: number;
  readonly first_ms: number;
  readonly median_ms: number;
  readonly min_ms: number;
  readonly p90_ms: number;
  readonly runs: number;
  readonly macs: number | null;
  readonly gflops: number | null;
  readonly arena_bytes: number;
  readonly weight_bytes: number;
  readonly steps?: readonly ProfiledStep[];
}

export const benchCommand = (): Command =>
  newCommand("bench", "Times a model on random inputs; prints JSON, on a terminal a table.")
    .argument("<model>", "path or URL of an ONNX file")
    .option("--runs <count>", "how many runs to time", wholeNumber(1), 20)
    .option("--warmup-ms <ms>", "run for this long before timing", wholeNumber(0), 500)
    .addOption(
      new Option("--simd <build>", "which kernels (default: the fastest this Node runs)").choices([
        "plain",
        "relaxed",
      ]),
    )
    .option("--threads <count>", "how many threads share each kernel call", wholeNumber(1), 1)
    .option(
      "--dims <name=sizes>",
      "sizes of an input (x=1,3,224,224) or of a free dim (batch=4); repeatable",
      collect,
    )
    .addOption(optimizeOption())
    .option("--profile", "time every step too, in as many further runs")
    .action(async (model: string, options: BenchOptions) => bench(model, options));

async function bench(model: string, options: BenchOptions): Promise<void> {
  // Node 20 has relaxed SIMD behind a flag; whoever asks for it by name gets the flag.
  if (options.simd === "relaxed" && !simdSupport().relaxed)
    setFlagsFromString("--experimental-wasm-relaxed-simd");
  const measurement = await measure(model, options);
  if (options.json || !process.stdout.isTTY) printJson(measurement);
  else print(report(measurement));
}

async function measure(model: string, options: BenchOptions): Promise<Measurement> {
  const loadStart = performance.now();
  using session = await openSession(model, {
    graphOptimizationLevel: options.optimize,
    threads: options.threads,
    ...(options.simd && { simd: options.simd }),
  });
  const loadMs = performance.now() - loadStart;
  const feeds = randomFeeds(session.inputMetadata, 1, options.dims ?? []);
  const firstMs = timed(session, feeds);
  const line = progressLine();
  const warmStart = performance.now();
  for (let spent = 0; spent < options.warmupMs; spent = performance.now() - warmStart) {
    line.update("warming up", spent / options.warmupMs);
    session.runSync(feeds);
  }
  const times: number[] = [];
  for (let i = 0; i < options.runs; i++) {
    line.update(`run ${i + 1} of ${options.runs}`, i / options.runs);
    times.push(timed(session, feeds));
  }
  const steps = options.profile ? profile(session, feeds, options.runs) : undefined;
  line.done();
  times.sort((a, b) => a - b);
  const macs = await countMacs(model, feeds);
  const { arenaBytes, weightBytes } = session.memoryUsage();
  const medianMs = quantile(times, 0.5);
  return {
    model,
    simd: session.simd,
    threads: session.threads,
    load_ms: loadMs,
    first_ms: firstMs,
    median_ms: medianMs,
    min_ms: times[0] as number,
    p90_ms: quantile(times, 0.9),
    runs: times.length,
    macs: macs ?? null,
    gflops: macs === undefined ? null : (2 * macs) / medianMs / 1e6,
    arena_bytes: arenaBytes,
    weight_bytes: weightBytes,
    ...(steps && { steps }),
  };
}

function timed(session: InferenceSession, feeds: Feeds): number {
  const start = performance.now();
  session.runSync(feeds);
  return performance.now() - start;
}

/** The value that a share of sorted numbers does not exceed, interpolated between neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at % 1);
}

/** Step times by node and kernel, in the order they run. */
function profile(session: InferenceSession, feeds: Feeds, runs: number): ProfiledStep[] {
  const sums = new Map<string, { node: string; op: string; kernel: string; ms: number }>();
  for (let i = 0; i < runs; i++) {
    session.runSync(feeds, undefined, {
      onStep({ node, op, kernel, ms }) {
        const key = `${node}\u0000${kernel}`;
        const sum = sums.get(key);
        if (sum === undefined) sums.set(key, { node, op, kernel, ms });
        else sum.ms += ms;
      },
    });
  }
  return [...sums.values()].map((sum) => ({ ...sum, ms: sum.ms / runs }));
}

/** Multiply-accumulates of the model as the file has it, at the dims of the feeds. */
async function countMacs(
  model: string,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<number | undefined> {
  const { imported } = await openModel(model);
  const dims = new Map(Object.entries(feeds).map(([name, feed]) => [name, feed.dims]));
  return summarize(bindInputs(imported.graph, dims)).macs;
}

function report(measurement: Measurement): string {
  const { model, simd, load_ms, first_ms, median_ms, min_ms, p90_ms, runs, macs, gflops, steps } =
    measurement;
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  const rows = [
    ["median", ms(median_ms), `of ${runs} runs on one thread with ${simd} SIMD`],
    ["least", ms(min_ms)],
    ["90 %", ms(p90_ms), "of the runs took no longer"],
    ["first run", ms(first_ms)],
    ["loading", ms(load_ms)],
    ...(macs === null
      ? []
      : [
          ["MACs", grouped(macs)],
          ["speed", `${(gflops as number).toFixed(1)} GFLOPS`],
        ]),
    ["arena", `${(measurement.arena_bytes / 1e6).toFixed(2)} MB`],
    ["weights", `${(measurement.weight_bytes / 1e6).toFixed(2)} MB`],
  ];
  const summary = `${model}\n\n${table([{ title: "" }, { title: "", align: "right" }, { title: "" }], rows)}`;
  return steps === undefined ? summary : `${summary}\n\n${stepTable(steps)}`;
}

function stepTable(steps: readonly ProfiledStep[]): string {
  const total = steps.reduce((sum, step) => sum + step.ms, 0);
  const columns = [
    { title: "node" },
    { title: "op" },
    { title: "kernel" },
    { title: "ms", align: "right" },
    { title: "share", align: "right" },
  ] as const;
  const slowest = [...steps].sort((a, b) => b.ms - a.ms);
  return table(
    columns,
    slowest.map(({ node, op, kernel, ms }) => [
      node,
      op,
      kernel,
      ms.toFixed(3),
      `${((100 * ms) / total).toFixed(1)} %`,
    ]),
  );
}
