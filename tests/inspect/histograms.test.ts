import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { InferenceSession, Tensor } from "../../src/index.ts";
import { histogramChart } from "../../src/inspect/histogram-chart.ts";
import { activationHistograms, type Histogram } from "../../src/inspect/histograms.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import { batchNorm, conv2d, dense, flatten, maxPool2d, relu, sequential } from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import { exportNetwork } from "../../src/train/index.ts";
import { random } from "../support/random.ts";
import { elementsOf } from "../support/well-formed.ts";

const small = (): Network =>
  sequential({ input: [2, 12, 12], seed: 2 }, [
    conv2d({ name: "conv", filters: 5, kernelSize: 3 }),
    batchNorm({ name: "norm" }),
    relu({ name: "rectified" }),
    maxPool2d({ name: "pooled", kernelSize: 2 }),
    flatten({ name: "row" }),
    dense({ name: "scores", units: 3 }),
  ]);
const LAYERS = ["conv", "norm", "rectified", "pooled", "row", "scores"];

const batch = (): Tensor =>
  new Tensor("float32", random(7).tensor("float32", [4, 2, 12, 12]).data as Float32Array, [4, 2, 12, 12]);

/** A network of one node, and what it makes of numbers. */
function one(op: string): Network {
  const b = graphBuilder({ name: "one" });
  b.input("x", "float32", ["N"]);
  b.output(b.node(op, ["x"], {}, { outputs: ["y"] }));
  return { graph: b.finish(), trainable: new Set() };
}
const row = (...numbers: number[]): Tensor =>
  new Tensor("float32", Float32Array.from(numbers), [numbers.length]);

/** The same network for one picture at a time. */
function alone({ graph, trainable }: Network): Network {
  const fact = { dtype: "float32", dims: [1, 2, 12, 12] } as const;
  return { graph: { ...graph, facts: new Map([...graph.facts, ["x", fact]]) }, trainable };
}

describe("histograms of activations", () => {
  test("of a network that takes one picture at a time are those of one that takes all at once", async () => {
    const [expected, found] = [
      await activationHistograms(small(), batch()),
      await activationHistograms(alone(small()), batch()),
    ];
    expect(found.map(({ name, dims, count, counts }) => ({ name, dims, count, counts }))).toEqual(
      expected.map(({ name, dims, count, counts }) => ({ name, dims, count, counts })),
    );
    for (const [i, { mean }] of found.entries()) expect(mean).toBeCloseTo(expected[i]?.mean as number, 6);
  });

  test("are what counting over the values of a session gives", async () => {
    const network = small();
    const histograms = await activationHistograms(network, batch(), { bins: 7 });
    expect(histograms.map(({ name }) => name)).toEqual(LAYERS);
    const session = await InferenceSession.create(exportNetwork(network));
    const fetched = await session.run({ x: batch() }, LAYERS);
    for (const found of histograms) {
      const tensor = fetched[found.name] as Tensor;
      const numbers = Array.from(tensor.data as Float32Array);
      const [least, greatest] = [Math.min(...numbers), Math.max(...numbers)];
      const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
      const edges = Array.from({ length: 8 }, (_, i) => found.from + ((found.to - found.from) * i) / 7);
      expect(found.dims).toEqual(tensor.dims);
      expect(found.count).toBe(numbers.length);
      expect(found.min).toBeCloseTo(least, 5);
      expect(found.max).toBeCloseTo(greatest, 5);
      expect([found.from, found.to]).toEqual([found.min, found.max]);
      expect(found.mean).toBeCloseTo(mean, 5);
      const square = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      expect(found.std).toBeCloseTo(Math.sqrt(square / numbers.length), 5);
      expect(found.zeros).toBeCloseTo(numbers.filter((x) => x === 0).length / numbers.length, 6);
      // The ends go by the edges between: the least and the greatest may be rounded otherwise here.
      const naive = Array.from({ length: 7 }, (_, bin) => {
        const [from, to] = [bin === 0 ? -Infinity : (edges[bin] as number), edges[bin + 1] as number];
        return numbers.filter((x) => x >= from && (bin === 6 || x < to)).length;
      });
      expect(found.counts, found.name).toEqual(naive);
    }
    const rectified = histograms[2] as Histogram;
    expect(rectified).toMatchObject({ op: "Relu", min: 0 });
    expect(rectified.zeros).toBeGreaterThan(0.3);
  });

  test("by hand", async () => {
    const [found] = await activationHistograms(one("Relu"), row(-3, 0, 1, 2, 2.5, 4), { bins: 4 });
    expect(found).toMatchObject({ count: 6, notFinite: 0, min: 0, max: 4, mean: 9.5 / 6, zeros: 1 / 3 });
    expect(found?.counts).toEqual([2, 1, 2, 1]);
  });

  test("in a range leave out what lies beyond it", async () => {
    const options = { bins: 2, range: [0, 2] } as const;
    const [found] = await activationHistograms(one("Identity"), row(-1, 0, 0.5, 1, 2, 3), options);
    expect(found).toMatchObject({ counts: [2, 2], from: 0, to: 2, min: -1, max: 3 });
  });

  test("count what is not finite apart", async () => {
    const [found] = await activationHistograms(one("Log"), row(-1, 0, 1, 1), { bins: 3 });
    expect(found).toMatchObject({ count: 4, notFinite: 2, min: 0, max: 0, mean: 0, std: 0, zeros: 0.5 });
    expect(found).toMatchObject({ from: -0.5, to: 0.5, counts: [0, 2, 0] });
    const [none] = await activationHistograms(one("Log"), row(-1), { bins: 2 });
    expect(none).toMatchObject({ count: 1, notFinite: 1, counts: [0, 0], min: Number.NaN, mean: Number.NaN });
  });

  test("of some values alone, inputs too", async () => {
    const histograms = await activationHistograms(small(), batch(), { values: ["scores", "x"] });
    expect(histograms.map(({ name, op }) => [name, op])).toEqual([
      ["scores", "Gemm"],
      ["x", undefined],
    ]);
    expect(histograms[0]?.counts.reduce((sum, count) => sum + count, 0)).toBe(12);
  });

  test.each([
    ["values that are not there", { values: ["no"] }, /"no"/],
    ["weights", { values: ["conv.weight"] }, /conv.weight/],
    ["no values", { values: [] }, /no values/],
    ["a range of one number", { range: 1 as never }, /range/],
    ["no bins", { bins: 0 }, /bins/],
    ["a range that is none", { range: [1, 1] as const }, /range/],
  ])("%s are refused", async (_, options, message) => {
    const counting = activationHistograms(small(), batch(), options);
    await expect(counting).rejects.toThrow(UsageError);
    await expect(counting).rejects.toThrow(message);
  });
});

describe("their chart", () => {
  test("has a bar for each bin that is not empty, as high as its count", async () => {
    const found = await activationHistograms(one("Identity"), row(-1, -0.9, 0.2, 1, 1, 1, 1), { bins: 4 });
    const bars = (scale: "linear" | "log") =>
      elementsOf(histogramChart(found, { scale }))
        .filter(({ name, attributes }) => name === "rect" && attributes.x !== undefined)
        .map(({ attributes }) => Number(attributes.height));
    expect(found[0]?.counts).toEqual([2, 0, 1, 4]);
    expect(bars("linear")).toEqual([38, 19, 76]);
    expect(bars("log")).toEqual([3, 2, 5].map((n) => Math.round((7600 * Math.log(n)) / Math.log(5)) / 100));
  });

  test("says each layer's name and figures, whatever it is called", async () => {
    const histograms = await activationHistograms(small(), batch());
    const renamed = histograms.map((one, i) => ({
      ...one,
      name: `${one.name} <&"${String.fromCharCode(i)}>`,
    }));
    const elements = elementsOf(histogramChart(renamed, { columns: 3, title: "a & b" }));
    const texts = elements.filter(({ name }) => name === "text").map(({ text }) => text);
    expect(texts).toContain("a & b");
    for (const { name } of histograms) expect(texts).toContain(`${name} <&"\ufffd>`);
    expect(texts.join()).toContain("% zeros");
    expect(elements.filter(({ name }) => name === "title")).toHaveLength(6);
    expect(elements.at(-1)?.attributes).toMatchObject({ width: "676", height: "328" });
  });
});
