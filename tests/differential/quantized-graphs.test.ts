import { describe, expect, test } from "vitest";
import { InferenceSession } from "../../src/index.ts";
import { Tensor, type TensorData } from "../../src/tensor.ts";
import { model } from "../support/onnx-model.ts";
import { runReference } from "../support/reference.ts";
import { type QuantizedGraph, quantizedGraph } from "./quantized-graph.ts";
import { stepsApart } from "./steps-apart.ts";

const CHUNK = 50;
/** More by hand: LANEWISE_SEEDS=1000-5000 node scripts/test.mjs tests/differential/quantized-graphs.test.ts */
const [first = 0, last = 149] = (process.env.LANEWISE_SEEDS ?? "0-149").split("-").map(Number);

const VARIANTS = (["all", "disabled"] as const).flatMap((graphOptimizationLevel) =>
  (["plain", "relaxed"] as const).map((simd) => ({ graphOptimizationLevel, simd })),
);

async function check({ spec, feeds }: QuantizedGraph): Promise<string | undefined> {
  const bytes = model(spec);
  const expected = await runReference(bytes, feeds);
  const given = Object.fromEntries(
    Object.entries(feeds).map(([name, x]) => [name, new Tensor(x.dtype, x.data, x.dims)]),
  );
  for (const options of VARIANTS) {
    const results = await (await InferenceSession.create(bytes, options)).run(given);
    for (const [name, value] of Object.entries(expected)) {
      const wrong = stepsApart(results[name] as TensorData, value);
      if (wrong !== undefined) return `${name} at ${Object.values(options).join(" on ")}: ${wrong}`;
    }
  }
  return undefined;
}

describe("random quantised networks agree with onnxruntime at every level, on every build", () => {
  for (let start = first; start <= last; start += CHUNK) {
    const end = Math.min(start + CHUNK - 1, last);
    test(`seeds ${start} to ${end}`, { timeout: 300_000 }, async () => {
      for (let seed = start; seed <= end; seed++) {
        const graph = quantizedGraph(seed);
        const lines = graph.spec.nodes.map(({ op, inputs, outputs }) => `${outputs} = ${op}(${inputs})`);
        expect(await check(graph), `seed ${seed}\n${lines.join("\n")}`).toBeUndefined();
      }
    });
  }
});
