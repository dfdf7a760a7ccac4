import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sobelGraph, sobelModel } from "../../scripts/sobel-graph.ts";
import { DTypeError, ShapeError, UsageError } from "../../src/errors.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import { InferenceSession } from "../../src/session.ts";
import { Tensor, tensorData } from "../../src/tensor.ts";
import { random } from "../support/random.ts";

describe("graphBuilder", () => {
  test("nodes carry their op's defaults and facts are inferred as it grows", () => {
    const { input, constant, node, output, fact, finish } = graphBuilder({ name: "g", opset: 17 });
    const x = input("x", "float32", ["n", 3, 8, 8]);
    const w = constant("w", tensorData("float32", [5, 3, 3, 3], new Float32Array(135)));
    const y = node("Conv", [x, w], { strides: [2, 2] }, { name: "first" });
    expect(fact(y)).toMatchObject({ dtype: "float32", dims: ["n", 5, 3, 3] });
    output(y);
    const graph = finish();
    expect(graph).toMatchObject({ name: "g", inputs: ["x"], outputs: [y] });
    expect(graph.nodes).toEqual([
      {
        name: "first",
        op: "Conv",
        domain: "",
        opset: 17,
        attributes: { autoPad: "NOTSET", group: 1, strides: [2, 2] },
        inputs: ["x", "w"],
        outputs: [y],
      },
    ]);
  });

  test("makes names, or takes them; leaves outputs out", () => {
    const { input, node, output, finish } = graphBuilder({ name: "g" });
    const x = input("x", "float32", [1, 2, 4, 4]);
    expect([node("Relu", [x]), node("Relu", [x])]).toEqual(["relu", "relu_1"]);
    expect(node("MaxPool", [x], { kernelShape: [2, 2] }, { outputs: ["pooled", "indices"] })).toBe("pooled");
    output("indices");
    expect(finish().facts.has("pooled")).toBe(false);
  });

  test("says what is wrong where it goes wrong", () => {
    const { input, node, output, finish } = graphBuilder({ name: "g" });
    const x = input("x", "float32", [2, 3]);
    const i = input("i", "int64", [2, 3]);
    const error = (act: () => unknown): [unknown, string] => {
      try {
        act();
      } catch (thrown) {
        return [(thrown as Error).constructor, (thrown as Error).message];
      }
      return [undefined, "nothing was thrown"];
    };
    expect(error(() => node("Frobnicate", [x]))).toEqual([UsageError, "there is no operator Frobnicate"]);
    expect(error(() => node("Relu", ["z"]))).toEqual([UsageError, 'Relu: there is no value "z" yet']);
    expect(error(() => node("Relu", []))).toEqual([UsageError, "Relu needs the input x"]);
    expect(error(() => node("Relu", [x, x]))).toEqual([UsageError, "Relu takes 1 inputs at most, got 2"]);
    expect(error(() => node("Softmax", [x], { axes: 1 }))[1]).toContain(
      'Softmax has no attribute "axes"; it has axis',
    );
    expect(error(() => node("Cast", [x]))).toEqual([UsageError, "Cast needs the attribute to"]);
    expect(error(() => node("MatMul", [x, x]))[0]).toBe(ShapeError);
    expect(error(() => node("Add", [x, i]))[0]).toBe(DTypeError);
    expect(error(() => input("x", "float32", []))).toEqual([UsageError, 'the value "x" is there already']);
    expect(error(() => output("z"))[0]).toBe(UsageError);
    expect(error(finish)).toEqual([UsageError, 'the graph "g" has no output']);
  });
});

describe("the edge network", () => {
  test("models/sobel.onnx is what the script makes", () => {
    expect(new Uint8Array(readFileSync(new URL("../../models/sobel.onnx", import.meta.url)))).toEqual(
      sobelModel(),
    );
  });

  test("is the Sobel operator", async () => {
    expect(sobelGraph().outputs).toEqual(["edges"]);
    using session = await InferenceSession.create(sobelModel());
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        (height, width, seed) => {
          const image = random(seed).tensor("float32", [height * width], -0.2, 0.2).data;
          const { edges } = session.runSync({ image: new Tensor("float32", image, [1, 1, height, width]) });
          const strengths = edges?.data as Float32Array;
          sobel(image, height, width).forEach((strength, i) => {
            expect(strengths[i]).toBeCloseTo(strength, 5);
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});

/** The definition: gradients by central differences smoothed across, the frame repeated. */
function sobel(image: Float32Array, height: number, width: number): number[] {
  const clamp = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value));
  const pixel = (y: number, x: number): number => image[clamp(y, height) * width + clamp(x, width)] as number;
  return Array.from(image, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    const across = (row: number): number => pixel(row, x + 1) - pixel(row, x - 1);
    const down = (column: number): number => pixel(y + 1, column) - pixel(y - 1, column);
    const horizontal = across(y - 1) + 2 * across(y) + across(y + 1);
    const vertical = down(x - 1) + 2 * down(x) + down(x + 1);
    return Math.min(1, Math.hypot(horizontal, vertical));
  });
}
