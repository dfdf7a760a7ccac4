import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../src/cli/image-file.ts";
import { UsageError } from "../../src/errors.ts";
import { Tensor } from "../../src/index.ts";
import { inspector } from "../../src/inspect/index.ts";
import { type GraphBuilder, graphBuilder } from "../../src/nn/build.ts";
import { conv2d, dense, flatten, globalAveragePool2d, relu, sequential } from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import { gradient, networkFromModel } from "../../src/train/index.ts";
import { preprocess } from "../../src/vision/index.ts";
import { dataPath } from "../support/data.ts";
import { random } from "../support/random.ts";

const drawn = (dims: readonly number[], seed: number): Tensor =>
  new Tensor("float32", random(seed).tensor("float32", dims).data as Float32Array, dims);
const floats = (dims: readonly number[], ...data: number[]) =>
  ({ dtype: "float32", dims, data: Float32Array.from(data) }) as const;
const mean = (of: ArrayLike<number>): number => Array.from(of).reduce((a, b) => a + b, 0) / of.length;

/** Pictures [N, 2, 3, 5], four maps of as many places, and what a test puts behind these. */
function behindMaps(end: (b: GraphBuilder, weights: (dims: number[]) => string) => string): Network {
  const b = graphBuilder({ name: "net", opset: 17 });
  b.input("x", "float32", ["N", 2, 3, 5]);
  let seed = 20;
  const weights = (dims: number[]): string =>
    b.constant(`w${seed}`, random(seed++).tensor("float32", dims) as never);
  b.node("Conv", ["x", weights([4, 2, 1, 1])], {}, { outputs: ["maps"] });
  b.output(end(b, weights));
  return { graph: b.finish(), trainable: new Set() };
}

const BIAS = [0.5, -1, 2];
const bias = (b: GraphBuilder, dims: number[] = [3]): string => b.constant("bias", floats(dims, ...BIAS));
const flat = (b: GraphBuilder, value: string): string => b.node("Flatten", [value]);

/** Ends that CAM must understand. */
const ENDS: Readonly<Record<string, Parameters<typeof behindMaps>[0]>> = {
  "a pool and Gemm": (b, w) =>
    b.node("Gemm", [flat(b, b.node("GlobalAveragePool", ["maps"])), w([4, 3]), bias(b)]),
  "Gemm by transposed weights and a factor": (b, w) =>
    b.node("Gemm", [flat(b, b.node("GlobalAveragePool", ["maps"])), w([3, 4]), bias(b)], {
      transB: 1,
      alpha: 0.25,
    }),
  "a mean over axes, MatMul and Add": (b, w) =>
    b.node("Add", [
      b.node("MatMul", [b.node("ReduceMean", ["maps"], { axes: [-1, 2], keepdims: 0 }), w([4, 3])]),
      bias(b),
    ]),
  "a pool as large as the maps": (b, w) =>
    b.node("Gemm", [flat(b, b.node("AveragePool", ["maps"], { kernelShape: [3, 5] })), w([4, 3]), bias(b)]),
  "a 1×1 convolution and a softmax": (b, w) =>
    b.node("Softmax", [
      flat(b, b.node("Conv", [b.node("GlobalAveragePool", ["maps"]), w([3, 4, 1, 1]), bias(b)])),
    ]),
  "means over channels that are last": (b, w) => {
    const last = b.node("Transpose", ["maps"], { perm: [0, 2, 3, 1] });
    return b.node("Gemm", [
      b.node("ReduceMean", [b.node("Relu", [last])], { axes: [1, 2], keepdims: 0 }),
      w([4, 3]),
      bias(b),
    ]);
  },
};

describe("a class activation map", () => {
  test("by hand", async () => {
    // Maps [x, 1 − 2x]; scores [2·mean(x), mean(x) − 3·mean(1 − 2x) + 7].
    const b = graphBuilder({ name: "hand" });
    b.input("x", "float32", [1, 1, 2, 2]);
    const conv = ["x", b.constant("k", floats([2, 1, 1, 1], 1, -2)), b.constant("c", floats([2], 0, 1))];
    const pooled = b.node("GlobalAveragePool", [b.node("Conv", conv)]);
    const weights = [b.constant("w", floats([2, 2], 2, 1, 0, -3)), b.constant("b", floats([2], 0, 7))];
    b.output(b.node("Gemm", [b.node("Flatten", [pooled]), ...weights]));
    const inside = await inspector({ graph: b.finish(), trainable: new Set() });
    const picture = new Tensor("float32", Float32Array.of(0, 1, -1, 0.5), [1, 1, 2, 2]);
    const first = await inside.cam(picture, { target: 0 });
    expect(first).toMatchObject({ target: 0, score: 0.25, map: { width: 2, height: 2 } });
    expect(Array.from(first.map.data)).toEqual([0, 2, -2, 1]);
    const best = await inside.cam(picture);
    // 0.125 − 3 · 0.75 + 7.
    expect(best).toMatchObject({ target: 1, score: 4.875 });
    expect(Array.from(best.map.data)).toEqual([-3, 4, -10, 0.5]);
  });

  test.each(Object.entries(ENDS))("behind %s: its mean and the bias are the score", async (_, end) => {
    const inside = await inspector(behindMaps(end));
    const picture = drawn([1, 2, 3, 5], 1);
    for (const target of [0, 1, 2]) {
      const { map, score } = await inside.cam(picture, { target });
      expect([map.width, map.height]).toEqual([5, 3]);
      expect(mean(map.data) + (BIAS[target] as number)).toBeCloseTo(score, 5);
      expect(Math.min(...map.data)).toBeLessThan(0);
    }
    await inside.release();
  });

  test("of maps that are the classes' own is the class's map", async () => {
    const network = behindMaps((b) => flat(b, b.node("GlobalAveragePool", ["maps"])));
    const inside = await inspector(network);
    const picture = drawn([1, 2, 3, 5], 2);
    const session = await gradient(network, { of: "maps", withRespectTo: [] });
    const maps = (await session.run({ x: picture })).values.maps?.data as Float32Array;
    for (const target of [0, 3]) {
      const { map, score } = await inside.cam(picture, { target });
      expect(Array.from(map.data)).toEqual(Array.from(maps.subarray(target * 15, (target + 1) * 15)));
      expect(mean(map.data)).toBeCloseTo(score, 6);
    }
  });

  test("is Grad-CAM without its rectifier, times the number of places", async () => {
    const network = sequential({ input: [2, 9, 7], seed: 5 }, [
      conv2d({ filters: 4, kernelSize: 3 }),
      relu({ name: "maps" }),
      globalAveragePool2d(),
      flatten(),
      dense({ name: "scores", units: 3 }),
    ]);
    const inside = await inspector(network);
    const picture = drawn([1, 2, 9, 7], 3);
    const session = await gradient(network, { of: "scores", withRespectTo: "maps", values: ["maps"] });
    for (const target of [0, 1, 2]) {
      const { map, score } = await inside.cam(picture, { target });
      const found = await session.run({ x: picture }, { element: target });
      const [maps, slopes] = [found.values.maps, found.gradients.maps].map((of) => of?.data as Float32Array);
      const places = map.width * map.height;
      for (let place = 0; place < places; place++) {
        let sum = 0;
        for (let k = 0; k < 4; k++)
          sum +=
            mean((slopes as Float32Array).subarray(k * places, (k + 1) * places)) *
            (maps?.[k * places + place] as number);
        expect(map.data[place]).toBeCloseTo(places * sum, 5);
      }
      const gradCam = await inside.gradCam(picture, { target });
      expect(gradCam.score).toBeCloseTo(score, 6);
      gradCam.map.data.forEach((value, i) => {
        expect(value).toBeCloseTo(Math.max(map.data[i] as number, 0) / places, 6);
      });
    }
  });

  test.for([
    ["mobilenetv2_fp32_dequant", 224],
    ["resnet20", 32],
  ] as const)("of %s: its mean and the bias are the score", async ([name, size], context) => {
    const network = networkFromModel(readFileSync(dataPath(context, "models", name, "model.onnx")));
    const photo = decodeImage(readFileSync(dataPath(context, "images/elephants.jpg")), "elephants.jpg");
    const { tensor } = preprocess(photo, "imagenet", { width: size, height: size });
    const { nodes, facts } = network.graph;
    const bias = facts.get(nodes.find(({ op }) => op === "Gemm")?.inputs[2] as string)?.data;
    const inside = await inspector(network);
    const { map, score, target } = await inside.cam(tensor);
    expect(mean(map.data) + Number(bias?.data[target])).toBeCloseTo(score, 3);
    await inside.release();
  });
});

describe("what has no class activation map is refused by what is missing", () => {
  test.each<[string, Parameters<typeof behindMaps>[0], RegExp]>([
    [
      "a dense layer over all places",
      (b, w) => b.node("Gemm", [flat(b, "maps"), w([60, 3])]),
      /cam: the layer that gives ".*" reads no global average pool, but Conv "/,
    ],
    [
      "a pool over some places",
      (b, w) =>
        b.node("Gemm", [flat(b, b.node("AveragePool", ["maps"], { kernelShape: [3, 4] })), w([8, 3])]),
      /reads no global average pool, but AveragePool/,
    ],
    [
      "a mean over one axis",
      (b, w) => b.node("Gemm", [flat(b, b.node("ReduceMean", ["maps"], { axes: [2] })), w([20, 3])]),
      /reads no global average pool, but ReduceMean/,
    ],
    [
      "two dense layers",
      (b, w) => {
        const hidden = b.node("Gemm", [flat(b, b.node("GlobalAveragePool", ["maps"])), w([4, 6])]);
        return b.node("Gemm", [b.node("Relu", [hidden]), w([6, 3])]);
      },
      /reads no global average pool, but Relu/,
    ],
    [
      "no layer at the end",
      (b) => b.node("Sigmoid", [flat(b, b.node("GlobalMaxPool", ["maps"]))]),
      /no dense layer, 1×1 convolution or global average pool gives ".*", but Sigmoid ".*"; gradCam explains/,
    ],
  ])("%s", async (_, end, message) => {
    const inside = await inspector(behindMaps(end));
    const asking = inside.cam(drawn([1, 2, 3, 5], 4));
    await expect(asking).rejects.toThrow(UsageError);
    await expect(asking).rejects.toThrow(message);
  });

  test("classes that are not there", async () => {
    const inside = await inspector(behindMaps(ENDS["a pool and Gemm"] as never));
    await expect(inside.cam(drawn([1, 2, 3, 5], 4), { target: 3 })).rejects.toThrow(UsageError);
  });
});
