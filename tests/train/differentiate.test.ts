import { describe, expect, test } from "vitest";
import { compile, prepare } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import type { TensorData } from "../../src/tensor.ts";
import { differentiate } from "../../src/train/differentiate.ts";

const float64 = (dims: readonly number[], make: (i: number) => number): TensorData => ({
  dtype: "float64",
  dims,
  data: Float64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => make(i)),
});
const wave = (seed: number) => (i: number) => Math.sin(i * 12.9898 + seed * 78.233) * 0.5;

describe("a small convolutional network", () => {
  const build = () => {
    const b = graphBuilder({ name: "net" });
    b.input("x", "float64", [2, 2, 8, 8]);
    b.input("labels", "int32", [2]);
    b.input("w", "float64", [3, 2, 3, 3]);
    b.input("bias", "float64", [3]);
    b.input("dense", "float64", [5, 48]);
    const conv = b.node("Conv", ["x", "w", "bias"], { pads: [1, 1, 1, 1] });
    const relu = b.node("Relu", [conv]);
    const pool = b.node("MaxPool", [relu], { kernelShape: [2, 2], strides: [2, 2] });
    const flat = b.node("Flatten", [pool]);
    const scores = b.node("Gemm", [flat, "dense"], { transB: 1 });
    const loss = b.node(
      "SoftmaxCrossEntropy",
      [scores, "labels"],
      {},
      { domain: "lanewise", outputs: ["loss", "dscores"] },
    );
    const gradients = differentiate(b, loss, new Set(["w", "bias", "dense"]));
    b.output(loss);
    for (const name of gradients.values()) b.output(name);
    return { graph: b.finish(), names: [...gradients.keys()] };
  };
  const feeds: Record<string, TensorData> = {
    x: float64([2, 2, 8, 8], wave(1)),
    labels: { dtype: "int32", dims: [2], data: Int32Array.of(1, 4) },
    w: float64([3, 2, 3, 3], wave(2)),
    bias: float64([3], wave(3)),
    dense: float64([5, 48], wave(4)),
  };

  test.each(["all", "disabled"] as const)("gradients agree with finite differences at %s", (level) => {
    const { graph, names } = build();
    const options = { level, verify: verifyGraph };
    const stage = compile(prepare(graph, options), new Map(), options);
    const executor = createExecutor("plain");
    const run = (values: Record<string, TensorData>) =>
      execute(executor, stage, new Map(Object.entries(values)), graph.outputs, options) as TensorData[];
    const [, ...gradients] = run(feeds);
    const lossOf = (values: Record<string, TensorData>) => Number((run(values)[0] as TensorData).data[0]);
    names.forEach((name, k) => {
      const gradient = gradients[k] as TensorData;
      const value = feeds[name] as TensorData;
      expect(gradient.dims).toEqual(value.dims);
      for (let i = 0; i < value.data.length; i += 7) {
        const moved = (by: number) => {
          const data = Float64Array.from(value.data as Float64Array);
          data[i] = (data[i] as number) + by;
          return lossOf({ ...feeds, [name]: { ...value, data } as TensorData });
        };
        const slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
        expect(Number(gradient.data[i])).toBeCloseTo(slope, 6);
      }
    });
  });
});
