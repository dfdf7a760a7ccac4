import { describe, expect, test } from "vitest";
import { InferenceSession } from "../../src/index.ts";
import { Tensor, type TensorData } from "../../src/tensor.ts";
import { model } from "../support/onnx-model.ts";
import { runReference } from "../support/reference.ts";
import { OUTPUT_SCALE, type QuantizedGraph, quantizedGraph } from "./quantized-graph.ts";

const CHUNK = 50;
/** More by hand: LANEWISE_SEEDS=1000-5000 node scripts/test.mjs tests/differential/quantized-graphs.test.ts */
const [first = 0, last = 149] = (process.env.LANEWISE_SEEDS ?? "0-149").split("-").map(Number);

/** Steps of the output's scale that one tie may turn into, and how many outputs may be off at all. */
const MOST_STEPS = 4;
const MOST_OFF = 0.08;
const FEW = 8;

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

function stepsApart(actual: TensorData, expected: TensorData): string | undefined {
  if (actual.dims.join() !== expected.dims.join())
    return `dims [${actual.dims}], expected [${expected.dims}]`;
  const want = expected.data as Float32Array;
  const steps = Array.from(
    actual.data as Float32Array,
    (x, i) => Math.abs(x - (want[i] as number)) / OUTPUT_SCALE,
  );
  const most = Math.max(...steps);
  const off = steps.filter((step) => !(step < 0.5)).length;
  if (most <= MOST_STEPS + 0.1 && off <= Math.max(FEW, want.length * MOST_OFF)) return undefined;
  return `${off} of ${want.length} differ, by up to ${most} steps`;
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
