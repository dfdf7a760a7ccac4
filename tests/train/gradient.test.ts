import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FeedError, UnsupportedOperatorError, UsageError } from "../../src/errors.ts";
import { InferenceSession, Tensor } from "../../src/index.ts";
import { type GraphBuilder, graphBuilder } from "../../src/nn/build.ts";
import { conv2d, dense, flatten, maxPool2d, relu, sequential } from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import { exportNetwork, type GradientOptions, gradient, networkFromModel } from "../../src/train/index.ts";
import { dataPath } from "../support/data.ts";
import { random } from "../support/random.ts";

/** Draws from −1 to 1. */
const drawsOf = (seed: number) => {
  const { next } = random(seed);
  return () => 2 * next() - 1;
};

const numbers = (tensor: Tensor | undefined): number[] => Array.from((tensor as Tensor).data as Float64Array);

const networkOf = (build: (b: GraphBuilder) => void): Network => {
  const b = graphBuilder({ name: "net" });
  build(b);
  return { graph: b.finish(), trainable: new Set() };
};

const doubles = (dims: readonly number[], next: () => number): Tensor =>
  new Tensor("float64", Float64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, next), dims);

/** The derivative of a weighted sum along each element of a tensor, by differences. */
async function differences(
  at: Tensor,
  weights: readonly number[],
  run: (at: Tensor) => Promise<readonly number[]>,
): Promise<number[]> {
  const step = 1e-5;
  const slopes = [];
  for (let i = 0; i < at.data.length; i++) {
    const moved = async (by: number) => {
      const data = Float64Array.from(at.data as Float64Array);
      data[i] = (data[i] as number) + by;
      const found = await run(new Tensor("float64", data, at.dims));
      return found.reduce((sum, value, k) => sum + value * (weights[k] as number), 0);
    };
    slopes.push(((await moved(step)) - (await moved(-step))) / (2 * step));
  }
  return slopes;
}

/** Two convolutions of images of any number and size, in float64: what they give is the mean of each map. */
function openNetwork(next: () => number): Network {
  const constant = (b: GraphBuilder, name: string, dims: readonly number[]) =>
    b.constant(name, {
      dtype: "float64",
      dims,
      data: Float64Array.from({ length: dims.reduce((x, y) => x * y, 1) }, next),
    });
  return networkOf((b) => {
    b.input("x", "float64", ["N", 2, "H", "W"]);
    b.node("Conv", ["x", constant(b, "w1", [3, 2, 3, 3])], { pads: [1, 1, 1, 1] }, { outputs: ["first"] });
    b.node("Tanh", ["first"], {}, { outputs: ["features"] });
    b.node("Conv", ["features", constant(b, "w2", [2, 3, 3, 3])], {}, { outputs: ["second"] });
    b.node("Add", ["features", "features"], {}, { outputs: ["twice"] });
    b.node("GlobalAveragePool", ["second"], {}, { outputs: ["means"] });
    b.output("means");
  });
}

describe("gradient", () => {
  test("of any value by any other agrees with differences, at any dims", async () => {
    const next = drawsOf(1);
    const network = openNetwork(next);
    const session = await gradient(network, { of: "means", withRespectTo: ["x", "features", "twice"] });
    const forward = await InferenceSession.create(exportNetwork(network));
    for (const dims of [
      [1, 2, 4, 5],
      [2, 2, 5, 4],
    ]) {
      const x = doubles(dims, next);
      const weights = doubles([dims[0] as number, 2, 1, 1], next);
      const { gradients, values } = await session.run({ x }, { outputGradient: weights });
      const means = async (at: Tensor) => numbers((await forward.run({ x: at })).means);
      expect(numbers(values.means)).toEqual(await means(x));
      const slopes = await differences(x, numbers(weights), means);
      numbers(gradients.x).forEach((value, i) => {
        expect(value).toBeCloseTo(slopes[i] as number, 7);
      });
      expect(gradients.features?.dims).toEqual([dims[0], 3, dims[2], dims[3]]);
      // Nothing that is asked for reads it.
      expect(numbers(gradients.twice).every((value) => value === 0)).toBe(true);
    }
    await session.release();
  });

  test("by an intermediate value agrees with differences of what comes behind it", async () => {
    const next = drawsOf(2);
    const network = openNetwork(next);
    const session = await gradient(network, { of: "means", withRespectTo: "features", values: ["features"] });
    const { gradients, values } = await session.run({ x: doubles([1, 2, 4, 4], next) });
    const rest = networkOf((b) => {
      b.input("features", "float64", ["N", 3, "H", "W"]);
      const weights = network.graph.facts.get("w2")?.data;
      b.constant("w2", weights as NonNullable<typeof weights>);
      b.output(b.node("GlobalAveragePool", [b.node("Conv", ["features", "w2"])], {}, { outputs: ["means"] }));
    });
    const behind = await InferenceSession.create(exportNetwork(rest));
    const slopes = await differences(values.features as Tensor, [1, 1], async (features) =>
      numbers((await behind.run({ features })).means),
    );
    numbers(gradients.features).forEach((value, i) => {
      expect(value).toBeCloseTo(slopes[i] as number, 7);
    });
  });

  test("by a weight, and of a value between: dy/dw of y = Σ x·w is Σ x", async () => {
    const network = sequential({ input: [1, 2, 2], seed: 3 }, [
      conv2d({ name: "scale", filters: 1, kernelSize: 1, bias: false }),
      relu(),
      flatten(),
      dense({ units: 4 }),
    ]);
    const session = await gradient(network, { of: "scale", withRespectTo: ["scale.weight", "scale"] });
    const x = new Tensor("float32", Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [2, 1, 2, 2]);
    const { gradients } = await session.run({ x });
    expect(numbers(gradients["scale.weight"])).toEqual([36]);
    expect(numbers(gradients.scale)).toEqual(new Array(8).fill(1));
  });

  test("of one class by the picture, along a direction, in an imported network", async (context) => {
    const model = readFileSync(dataPath(context, "models/mobilenetv2_fp32_dequant/model.onnx"));
    const network = networkFromModel(model);
    const [input, output] = [network.graph.inputs[0] as string, network.graph.outputs[0] as string];
    // Behind a softmax of a thousand classes slopes are too small for differences in float32.
    const softmax = network.graph.nodes.at(-1);
    const scores = softmax?.op === "Softmax" ? (softmax.inputs[0] as string) : output;
    const next = drawsOf(4);
    const dims = [1, 3, 224, 224];
    const image = Float32Array.from({ length: 3 * 224 * 224 }, next);
    const session = await gradient(network, { of: scores, withRespectTo: input });
    const feed = (data: Float32Array) => ({ [input]: new Tensor("float32", data, dims) });
    const { gradients } = await session.run(feed(image), { element: 281 });
    const slope = numbers(gradients[input]);
    const length = Math.sqrt(slope.reduce((sum, value) => sum + value * value, 0));
    const moved = async (by: number) => {
      const data = image.map((value, i) => value + (by * (slope[i] as number)) / length);
      return numbers((await session.run(feed(data))).values[scores])[281] as number;
    };
    // Along its own direction a slope is its length. The step is so small that few rectifiers change sides.
    const step = 0.02;
    const found = ((await moved(step)) - (await moved(-step))) / (2 * step);
    expect(found / length).toBeGreaterThan(0.98);
    expect(found / length).toBeLessThan(1.02);
    await session.release();
  });

  test("is compiled once for the dims that come", async () => {
    const network = sequential({ input: [1, 8, 8] }, [
      conv2d({ filters: 2, kernelSize: 3 }),
      relu(),
      maxPool2d({ kernelSize: 2 }),
    ]);
    const session = await gradient(network, { of: "maxPool2d", withRespectTo: "x", values: ["x", "conv2d"] });
    const x = new Tensor("float32", new Float32Array(64).fill(1), [1, 1, 8, 8]);
    const runs = await Promise.all([session.run({ x }), session.run({ x })]);
    expect(numbers(runs[0].gradients.x)).toEqual(numbers(runs[1].gradients.x));
    expect(numbers(runs[0].values.x)).toEqual(numbers(x));
    expect(runs[0].values.conv2d?.dims).toEqual([1, 2, 6, 6]);
  });

  test.each<[string, Partial<GradientOptions>, RegExp]>([
    ["a value that is not there", { of: "no" }, /has no value "no"; it takes x, gives relu/],
    ["nothing to derive by", { withRespectTo: [7 as never] }, /withRespectTo/],
    ["rules that are none", { rules: 5 as never }, /rules/],
    ["a rule that is none", { rules: { Relu: 1 as never } }, /the rule of Relu/],
    ["rules of no known name", { rules: "guided" as never }, /guidedBackprop/],
  ])("refuses %s", async (_, options, message) => {
    const network = sequential({ input: [3] }, [relu()]);
    const made = gradient(network, { of: "relu", withRespectTo: "x", ...options });
    await expect(made).rejects.toThrow(UsageError);
    await expect(made).rejects.toThrow(message);
  });

  test("says what is wrong when it runs", async () => {
    const session = await gradient(sequential({ input: [3] }, [relu()]), { of: "relu", withRespectTo: "x" });
    const x = new Tensor("float32", new Float32Array(3), [1, 3]);
    const positive = new Tensor("float32", new Float32Array(3).fill(1), [1, 3]);
    await expect(session.run({ y: x })).rejects.toThrow(FeedError);
    await expect(
      session.run({ x }, { outputGradient: new Tensor("float32", new Float32Array(2), [1, 2]) }),
    ).rejects.toThrow(/output gradient.*expected dims \[1, 3\]/);
    await expect(session.run({ x }, { element: 3 })).rejects.toThrow(/element/);
    expect(numbers((await session.run({ x: positive }, { element: 1 })).gradients.x)).toEqual([0, 1, 0]);
    await session.release();
    await expect(session.run({ x })).rejects.toThrow(/released/);
    const hard = networkOf((b) => {
      b.input("x", "float32", [4]);
      b.output(b.node("Hardmax", ["x"], {}, { outputs: ["y"] }));
    });
    const without = await gradient(hard, { of: "y", withRespectTo: "x" });
    await expect(without.run({ x: new Tensor("float32", new Float32Array(4), [4]) })).rejects.toThrow(
      UnsupportedOperatorError,
    );
  });
});

describe("rules in place of the derivative's", () => {
  // relu(x)·w: what arrives at the rectifier is w.
  const through = async (op: string, rules: GradientOptions["rules"]): Promise<number[]> => {
    const network = networkOf((b) => {
      b.input("x", "float32", [4]);
      const float = (name: string, dims: readonly number[], ...data: number[]) =>
        b.constant(name, { dtype: "float32", dims, data: Float32Array.from(data) });
      const bounds = op === "Clip" ? [float("low", [], 0), float("high", [], 6)] : [];
      b.node(op, ["x", ...bounds], {}, { outputs: ["r"] });
      b.output(b.node("Mul", ["r", float("w", [4], 3, -3, 5, -5)], {}, { outputs: ["y"] }));
    });
    const session = await gradient(network, { of: "y", withRespectTo: "x", ...(rules && { rules }) });
    const x = new Tensor("float32", Float32Array.of(1, 1, -1, -1), [4]);
    return numbers((await session.run({ x })).gradients.x).map((value) => value + 0);
  };

  test.each(["Relu", "Clip"])("%s", async (op) => {
    expect(await through(op, undefined)).toEqual([3, -3, 0, 0]);
    expect(await through(op, "guidedBackprop")).toEqual([3, 0, 0, 0]);
    expect(await through(op, "deconvnet")).toEqual([3, 0, 5, 0]);
  });

  test("leave what is no rectifier as it is", async () => {
    expect(await through("Identity", "guidedBackprop")).toEqual([3, -3, 5, -5]);
  });

  test("may be a caller's own", async () => {
    const twice: GradientOptions["rules"] = {
      Relu: (context) => [context.emit("Add", [context.dy() as string, context.dy() as string])],
    };
    expect(await through("Relu", twice)).toEqual([6, -6, 10, -10]);
  });
});
