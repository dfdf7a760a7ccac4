import { expect } from "vitest";
import { compile, prepare } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import { concreteDims, type Fact, type Graph } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import type { Network } from "../../src/nn/index.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { fromNumbers } from "../../src/ops/shared/elements.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";
import { difference } from "../support/compare.ts";
import { random } from "../support/random.ts";
import { runReference } from "../support/reference.ts";

const executors = [createExecutor("plain"), createExecutor("relaxed")];

/** The graph's outputs by name, compiled at a level. */
export function run(graph: Graph, x: TensorData, level: "all" | "disabled" = "all"): Map<string, TensorData> {
  const [input] = graph.inputs as [string];
  const options = { level, verify: verifyGraph };
  const stage = compile(prepare(graph, options), new Map([[input, x.dims]]), options);
  const outputs = execute(executors[0] as never, stage, new Map([[input, x]]), graph.outputs, options);
  return new Map(graph.outputs.map((name, i) => [name, outputs[i] as TensorData]));
}

/**
 * Runs a network on random numbers at both levels and in both builds, and expects what onnxruntime makes of it as an
 * ONNX file. Gives the outputs. Numbers of other types than float32 are 0, 1 or 2.
 */
export async function expectAgreement({ graph }: Network, batch = 2, seed = 1): Promise<TensorData[]> {
  const [input] = graph.inputs as [string];
  const { dtype = "float32", dims: open = [] } = graph.facts.get(input) ?? {};
  const dims = open.map((dim) => (dim === "N" ? batch : (dim as number)));
  const source = random(seed);
  const x =
    dtype === "float32"
      ? source.tensor("float32", dims)
      : fromNumbers(
          dtype,
          dims,
          Array.from({ length: elementCount(dims) }, () => Math.floor(3 * source.next())),
        );
  const feeds = new Map([[input, x]]);
  const expected = await runReference(exportModel(graph), { [input]: x });
  let results: TensorData[] = [];
  for (const level of ["disabled", "all"] as const) {
    const options = { level, verify: verifyGraph };
    const stage = compile(prepare(graph, options), new Map([[input, dims]]), options);
    for (const executor of executors) {
      results = execute(executor, stage, feeds, graph.outputs, options) as TensorData[];
      graph.outputs.forEach((name, i) => {
        const wrong = difference(results[i] as TensorData, expected[name] as TensorData);
        expect(wrong, `${name} at ${level}`).toBeUndefined();
      });
    }
  }
  return results;
}

/** Elements of the constants that training may change. */
export const parameterCount = ({ graph, trainable }: Network): number =>
  [...trainable].reduce((sum, name) => sum + parametersOf(graph, name), 0);

/** Those whose names begin with a layer's. */
export const layerParameters = ({ graph, trainable }: Network, layer: string): number =>
  [...trainable]
    .filter((name) => name.startsWith(`${layer}.`))
    .reduce((sum, name) => sum + parametersOf(graph, name), 0);

const parametersOf = (graph: Graph, name: string): number => {
  const fact = graph.facts.get(name);
  expect(fact?.dims, name).toBeDefined();
  return elementCount(concreteDims(fact as Fact));
};
