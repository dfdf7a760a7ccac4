import { compile, prepare, type Stage } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import type { Fact, Graph } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { assertSupported, importModel } from "../../src/onnx/import.ts";
import type { OptimizationLevel } from "../../src/passes/pipeline.ts";
import { createExecutor, type Executor } from "../../src/runtime/executor.ts";
import type { Simd } from "../../src/runtime/kernels.ts";
import type { TensorData } from "../../src/tensor.ts";
import { difference } from "../support/compare.ts";
import { model } from "../support/onnx-model.ts";
import { openReference } from "../support/reference.ts";
import type { RandomGraph } from "./random-graph.ts";

const LEVELS: readonly OptimizationLevel[] = ["all", "disabled"];
const BUILDS: readonly Simd[] = ["plain", "relaxed"];
/** Graphs deep in layers add up rounding; a planner's mistake is far beyond. */
const TOLERANCE = { rtol: 1e-3, atol: 2e-4 };

/** Executors whose arenas are full of NaN before a graph runs there: nothing may count on zeros. */
export interface Bench {
  readonly executors: ReadonlyMap<Simd, Executor>;
  poison(): void;
}

export function createBench(): Bench {
  const executors = new Map(BUILDS.map((simd) => [simd, createExecutor(simd)] as const));
  const dims = [1 << 19];
  const fact: Fact = { dtype: "float32", dims };
  const graph: Graph = {
    name: "poison",
    inputs: ["x"],
    outputs: ["y"],
    nodes: [{ name: "n", op: "Neg", domain: "", opset: 13, attributes: {}, inputs: ["x"], outputs: ["y"] }],
    facts: new Map([
      ["x", fact],
      ["y", fact],
    ]),
  };
  const stage = compile(graph, new Map([["x", dims]]), { level: "disabled" });
  const feeds = new Map([
    ["x", { ...fact, dims, data: new Float32Array(1 << 19).fill(Number.NaN) } as TensorData],
  ]);
  return {
    executors,
    poison() {
      for (const executor of executors.values())
        execute(executor, stage, feeds, ["y"], { level: "disabled" });
    },
  };
}

/** What became of a graph: it agrees, onnxruntime does not take it, or what differs. */
export type Verdict = "agrees" | "rejected" | { readonly differs: string };

/** Runs a graph at both levels on both builds, verified after every pass, against onnxruntime. */
export async function checkGraph(random: RandomGraph, bench: Bench): Promise<Verdict> {
  const own = random.spec.outputs as readonly string[];
  const wanted = [...own, ...random.inner];
  const cases = await referenceCases(random, wanted);
  if (cases === undefined) return "rejected";
  bench.poison();
  const imported = importModel(decodeModel(model(random.spec)));
  assertSupported(imported);
  for (const outputs of random.inner.length > 0 ? [own, wanted] : [own]) {
    for (const level of LEVELS) {
      const options = { level, verify: verifyGraph };
      const prepared = prepare({ ...imported.graph, outputs }, options);
      const stages = new Map<string, Stage>();
      for (const { feeds, expected } of cases) {
        const dims = new Map([...feeds].map(([name, { dims }]) => [name, dims]));
        const key = [...dims.values()].join(";");
        const stage = stages.get(key) ?? compile(prepared, dims, options);
        stages.set(key, stage);
        for (const [simd, executor] of bench.executors) {
          const actual = execute(executor, stage, feeds, outputs, options) as TensorData[];
          const where = `at ${level} on ${simd}, dims ${key}${outputs === wanted ? ", inner values fetched" : ""}`;
          for (const [k, name] of outputs.entries()) {
            const wrong = difference(actual[k] as TensorData, expected[name] as TensorData, TOLERANCE);
            if (wrong !== undefined) return { differs: `${name} ${where}: ${wrong}` };
          }
        }
      }
    }
  }
  return "agrees";
}

interface Case {
  readonly feeds: ReadonlyMap<string, TensorData>;
  readonly expected: Readonly<Record<string, TensorData>>;
}

/** The feeds that onnxruntime takes, and what it makes of them; undefined where it takes none. */
async function referenceCases(random: RandomGraph, outputs: readonly string[]): Promise<Case[] | undefined> {
  const reference = await openReference(model({ ...random.spec, outputs })).catch(() => undefined);
  if (reference === undefined) return undefined;
  const cases: Case[] = [];
  for (const feeds of random.feeds) {
    const expected = await reference(feeds).catch(() => undefined);
    if (expected !== undefined) cases.push({ feeds: new Map(Object.entries(feeds)), expected });
  }
  await reference.release();
  return cases.length === 0 ? undefined : cases;
}
