import { describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph/graph.ts";
import { summarize } from "../../src/inspect/summary.ts";
import { type GraphBuilder, graphBuilder } from "../../src/nn/build.ts";
import { tensorData } from "../../src/tensor.ts";

const zeros = (dims: readonly number[]) =>
  tensorData("float32", dims, new Float32Array(dims.reduce((a, b) => a * b, 1)));

/** The summary of a graph of a few nodes. */
function summaryOf(make: (builder: GraphBuilder) => string) {
  const builder = graphBuilder({ name: "g", opset: 17 });
  builder.output(make(builder));
  return summarize(builder.finish());
}

describe("multiply-accumulates", () => {
  const counts: Record<string, [make: (builder: GraphBuilder) => string, macs: number]> = {
    "grouped Conv": [
      ({ input, constant, node }) =>
        node("Conv", [input("x", "float32", [2, 6, 9, 9]), constant("w", zeros([4, 3, 3, 3]))], {
          group: 2,
          strides: [2, 2],
        }),
      2 * 4 * 4 * 4 * (3 * 3 * 3),
    ],
    ConvTranspose: [
      ({ input, constant, node }) =>
        node("ConvTranspose", [input("x", "float32", [1, 6, 5, 5]), constant("w", zeros([6, 4, 2, 2]))], {
          strides: [2, 2],
        }),
      6 * 5 * 5 * 4 * 2 * 2,
    ],
    "Gemm with A transposed": [
      ({ input, constant, node }) =>
        node("Gemm", [input("x", "float32", [7, 3]), constant("w", zeros([7, 5]))], { transA: 1 }),
      3 * 5 * 7,
    ],
    "batched MatMul": [
      ({ input, node }) =>
        node("MatMul", [input("x", "float32", [2, 4, 3, 7]), input("y", "float32", [4, 7, 5])]),
      2 * 4 * 3 * 5 * 7,
    ],
    "bidirectional LSTM": [
      ({ input, constant, node }) =>
        node(
          "LSTM",
          [
            input("x", "float32", [11, 2, 3]),
            constant("w", zeros([2, 4 * 5, 3])),
            constant("r", zeros([2, 4 * 5, 5])),
          ],
          { hiddenSize: 5, direction: "bidirectional" },
        ),
      11 * 2 * 2 * (4 * 5) * (3 + 5),
    ],
    Einsum: [
      ({ input, node }) =>
        node("Einsum", [input("x", "float32", [2, 3, 4]), input("y", "float32", [2, 4, 5])], {
          equation: "bij,bjk->bik",
        }),
      2 * 3 * 4 * 5,
    ],
    Relu: [({ input, node }) => node("Relu", [input("x", "float32", [9])]), 0],
  };
  test.each(Object.entries(counts))("%s", (_, [make, macs]) => {
    expect(summaryOf(make).macs).toBe(macs);
  });

  test("are unknown while a size is", () => {
    const { macs, layers } = summaryOf(({ input, constant, node }) =>
      node("Conv", [input("x", "float32", [1, 3, "height", 8]), constant("w", zeros([4, 3, 3, 3]))]),
    );
    expect(macs).toBeUndefined();
    expect(layers[0]).toMatchObject({ output: [1, 4, "?", 6], parameters: 4 * 27 });
  });

  test("of an If are those of the costlier branch", () => {
    const { macs, layers } = summaryOf(({ input, constant, node }) => {
      const x = input("x", "float32", [2, 3]);
      const flag = input("flag", "bool", []);
      const [narrow, wide] = [constant("narrow", zeros([3, 4])), constant("wide", zeros([3, 8]))];
      const branch = (name: string, weight: string): Graph => ({
        name,
        inputs: [],
        outputs: [name],
        nodes: [
          {
            name: "product",
            op: "MatMul",
            domain: "",
            opset: 17,
            attributes: {},
            inputs: [x, weight],
            outputs: [name],
          },
        ],
        facts: new Map(),
      });
      return node(
        "If",
        [flag],
        { thenBranch: branch("a", narrow), elseBranch: branch("b", wide) },
        { name: "choice" },
      );
    });
    expect(macs).toBe(2 * 3 * 8);
    expect(layers.map(({ name }) => name)).toEqual([
      "choice",
      "choice/then_branch/product",
      "choice/else_branch/product",
    ]);
  });
});

test("folded nodes are no layers, shared weights count once, settings not at all", () => {
  const { layers, parameters } = summaryOf(({ input, constant, node }) => {
    const weight = constant("w", zeros([3, 3]));
    const scaled = node("Mul", [weight, constant("scale", zeros([]))]);
    const once = node("MatMul", [input("x", "float32", [2, 3]), scaled]);
    const twice = node("MatMul", [once, scaled]);
    const shape = constant("shape", tensorData("int64", [2], BigInt64Array.of(3n, 2n)));
    const reshaped = node("Reshape", [twice, shape]);
    return node("Clip", [reshaped, constant("min", zeros([])), constant("max", zeros([]))]);
  });
  expect(layers.map(({ op }) => op)).toEqual(["MatMul", "MatMul", "Reshape", "Clip"]);
  expect(layers.map((layer) => layer.parameters)).toEqual([9, 9, 0, 0]);
  expect(parameters).toBe(9);
});

test("Clip sees its own place, and its bounds are no weights", () => {
  const { layers } = summaryOf(({ input, constant, node }) => {
    const x = node("Conv", [input("x", "float32", [1, 3, 9, 9]), constant("w", zeros([4, 3, 3, 3]))]);
    return node("Clip", [x, constant("min", zeros([])), constant("max", zeros([]))]);
  });
  const [conv, clip] = layers;
  expect(clip?.parameters).toBe(0);
  expect(conv?.receptiveField?.map(({ size }) => size)).toEqual([3, 3]);
  expect(clip?.receptiveField).toEqual(conv?.receptiveField);
});
