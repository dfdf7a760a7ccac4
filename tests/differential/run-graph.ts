import { compile, execute, prepare } from "../../src/compile.ts";
import type { Fact, Graph } from "../../src/graph/graph.ts";
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
    facts: new Map([["x", fact], ["y", fact]]),
  };
  const stage = compile(graph, new Map([["x", dims]]), { level: "disabled" });
  const feeds = new Map([["x", { ...fact, dims, data: new Float32Array(1 << 19).fill(Number.NaN) } as TensorData]]);
  return {
    executors,
    poison() {
      for (const executor of executors.values()) execute(executor, stage, feeds, ["y"], { level: "disabled" });
    },
  };
}

/** Runs a graph at both levels on both builds, verified after every pass; what differs from onnxruntime, if anything. */
export async function checkGraph(random: RandomGraph, bench: Bench): Promise<string | undefined> {
  const wanted = [...(random.spec.outputs as string[]), ...random.inner];
  const reference = await openReference(model({ ...random.spec, outputs: wanted }));
  try {
    const expected: Record<string, TensorData>[] = [];
    for (const feeds of random.feeds) expected.push(await reference(feeds));
    bench.poison();
    const imported = importModel(decodeModel(model(random.spec)));
    assertSupported(imported);
    for (const fetchInner of random.inner.length > 0 ? [false, true] : [false]) {
      const outputs = fetchInner ? wanted : (random.spec.outputs as string[]);
      for (const level of LEVELS) {
        const options = { level, verify: true };
        const prepared = prepare({ ...imported.graph, outputs }, options);
        const dims = new Map(Object.entries(random.feeds[0] ?? {}).map(([name, { dims }]) => [name, dims]));
        const stage = compile(prepared, dims, options);
        for (const [simd, executor] of bench.executors) {
          for (const [i, feeds] of random.feeds.entries()) {
            const actual = execute(executor, stage, new Map(Object.entries(feeds)), outputs, options);
            for (const [k, name] of outputs.entries()) {
              const wrong = difference(actual[k] as TensorData, expected[i]?.[name] as TensorData, TOLERANCE);
              if (wrong !== undefined) {
                return `${name} at ${level} on ${simd}, run ${i}${fetchInner ? ", inner values fetched" : ""}: ${wrong}`;
              }
            }
          }
        }
      }
    }
    return undefined;
  } finally {
    await reference.release();
  }
}
