import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { InferenceSession, Tensor } from "../../src/index.ts";
import { camMap, gradCamMap, gradCamPlusPlusMap, inspector } from "../../src/inspect/index.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import {
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  relu,
  sequential,
  softmax,
} from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import { exportNetwork } from "../../src/train/index.ts";
import { random } from "../support/random.ts";

const tensor = (dims: readonly number[], seed: number): Tensor => {
  const { data } = random(seed).tensor("float32", dims);
  return new Tensor("float32", data as Float32Array, dims);
};
const numbers = (of: Tensor | undefined): number[] => Array.from((of as Tensor).data as Float32Array);
const close = (found: ArrayLike<number>, expected: ArrayLike<number>, digits = 5): void => {
  expect(found.length).toBe(expected.length);
  Array.from(found).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, digits);
  });
};

/** Maps, their means, and a dense layer: what CAM was made for; the scores go through a softmax. */
const pooled = (): Network =>
  sequential({ input: [2, 9, 7], seed: 5 }, [
    conv2d({ name: "conv", filters: 4, kernelSize: 3 }),
    relu({ name: "maps" }),
    globalAveragePool2d(),
    flatten(),
    dense({ name: "scores", units: 3 }),
    softmax(),
  ]);

/** Scores that are a linear function of the picture. */
function linear(weights: Tensor): Network {
  const b = graphBuilder({ name: "linear" });
  b.input("x", "float32", ["N", 1, 3, 4]);
  b.constant("w", { dtype: "float32", dims: [12, 2], data: weights.data as Float32Array });
  b.output(b.node("MatMul", [b.node("Flatten", ["x"]), "w"], {}, { outputs: ["scores"] }));
  return { graph: b.finish(), trainable: new Set() };
}

/** A network's scores by an ordinary session. */
async function scorer(network: Network, value: string): Promise<(picture: Tensor) => Promise<number[]>> {
  const session = await InferenceSession.create(exportNetwork(network));
  return async (picture) => numbers((await session.run({ x: picture }, [value]))[value]);
}

describe("a class's maps", () => {
  test("Grad-CAM is CAM, but for a factor, where a global pool and a dense layer follow", async () => {
    const network = pooled();
    const inside = await inspector(network);
    expect(inside.scores).toBe("scores");
    const picture = tensor([1, 2, 9, 7], 1);
    for (const target of [0, 1, 2]) {
      const { map, score } = await inside.gradCam(picture, { target });
      expect([map.width, map.height]).toEqual([5, 7]);
      const features = await scorer(network, "maps");
      const maps = new Tensor("float32", Float32Array.from(await features(picture)), [1, 4, 7, 5]);
      const weights = network.graph.facts.get("scores.weight")?.data;
      const row = Array.from({ length: 4 }, (_, i) =>
        Number(weights?.dims[0] === 3 ? weights.data[target * 4 + i] : weights?.data[i * 3 + target]),
      );
      // The pool's mean shares each gradient among 35 places.
      close(
        map.data,
        camMap(maps, row).data.map((value) => Math.max(value, 0) / 35),
        6,
      );
      const scores = await scorer(network, "scores");
      expect(score).toBeCloseTo((await scores(picture))[target] as number, 5);
    }
    await inside.release();
  });

  test("takes the class with the greatest score where none is named", async () => {
    const network = pooled();
    const inside = await inspector(network);
    const picture = tensor([1, 2, 9, 7], 2);
    const scores = await (await scorer(network, "scores"))(picture);
    const { target, map } = await inside.gradCam(picture, { method: "gradCamPlusPlus", layer: "conv" });
    expect(target).toBe(scores.indexOf(Math.max(...scores)));
    expect([map.width, map.height]).toEqual([5, 7]);
  });

  test("Grad-CAM++ weighs places as its formula says", () => {
    const [features, slopes] = [tensor([1, 2, 2, 3], 3), tensor([1, 2, 2, 3], 4)];
    const [a, g] = [numbers(features), numbers(slopes)];
    const expected = Array.from({ length: 6 }, (_, place) => {
      let value = 0;
      for (const k of [0, 1]) {
        let weight = 0;
        let total = 0;
        for (let i = 0; i < 6; i++) total += a[k * 6 + i] as number;
        for (let i = 0; i < 6; i++) {
          const slope = g[k * 6 + i] as number;
          const alpha = slope ** 2 / (2 * slope ** 2 + total * slope ** 3);
          weight += alpha * Math.max(0, slope);
        }
        value += weight * (a[k * 6 + place] as number);
      }
      return Math.max(0, value);
    });
    close(gradCamPlusPlusMap(features, slopes).data, expected);
    // One map, gradients of 1: each place's share is 1 / (2 + its sum).
    const ones = new Tensor("float32", Float32Array.of(1, 1), [1, 1, 1, 2]);
    close(gradCamPlusPlusMap(ones, ones).data, [0.5, 0.5]);
    close(gradCamMap(ones, ones).data, [1, 1]);
  });
});

describe("by the picture", () => {
  const weights = tensor([12, 2], 6);
  const row = (target: number) => Array.from({ length: 12 }, (_, i) => Number(weights.data[i * 2 + target]));

  test("a linear network's gradients are its weights, noisy or not", async () => {
    const inside = await inspector(linear(weights));
    const picture = tensor([1, 1, 3, 4], 7);
    for (const target of [0, 1]) {
      close(numbers((await inside.saliency(picture, { target })).values), row(target));
      close(numbers((await inside.smoothGrad(picture, { target, samples: 3 })).values), row(target));
    }
    const { map } = await inside.saliency(picture, { target: 1 });
    close(map.data, row(1).map(Math.abs));
  });

  test("integrated gradients of it are weight × picture", async () => {
    const inside = await inspector(linear(weights));
    const picture = tensor([1, 1, 3, 4], 8);
    const baseline = tensor([1, 1, 3, 4], 9);
    const { values } = await inside.integratedGradients(picture, { target: 0, baseline, steps: 3 });
    const [x, from] = [numbers(picture), numbers(baseline)];
    close(
      numbers(values),
      row(0).map((w, i) => w * ((x[i] as number) - (from[i] as number))),
    );
  });

  test("integrated gradients add up to what the score gains", async () => {
    const network = pooled();
    const inside = await inspector(network);
    const picture = tensor([1, 2, 9, 7], 10);
    const scores = await scorer(network, "scores");
    const zeros = new Tensor("float32", new Float32Array(126), [1, 2, 9, 7]);
    const gain = ((await scores(picture))[2] as number) - ((await scores(zeros))[2] as number);
    const { values } = await inside.integratedGradients(picture, { target: 2, steps: 300 });
    expect(numbers(values).reduce((a, b) => a + b, 0)).toBeCloseTo(gain, 3);
  });

  test("SmoothGrad follows from its seed, and averages gradients around the picture", async () => {
    const inside = await inspector(pooled());
    const picture = tensor([1, 2, 9, 7], 11);
    const smooth = async (seed: number, noise: number) =>
      numbers((await inside.smoothGrad(picture, { target: 0, samples: 8, seed, noise })).values);
    expect(await smooth(1, 0.3)).toEqual(await smooth(1, 0.3));
    expect(await smooth(1, 0.3)).not.toEqual(await smooth(2, 0.3));
    close(await smooth(1, 0), numbers((await inside.saliency(picture, { target: 0 })).values));
  });

  test("guided backpropagation lets through what is positive alone", async () => {
    const inside = await inspector(pooled());
    const picture = tensor([1, 2, 9, 7], 12);
    const [plain, guided] = await Promise.all(
      (["derivative", "guidedBackprop"] as const).map(async (rules) =>
        numbers((await inside.saliency(picture, { target: 0, rules })).values),
      ),
    );
    expect(guided).not.toEqual(plain);
  });

  test("occlusion is what covering by hand gives", async () => {
    const network = pooled();
    const inside = await inspector(network);
    const picture = tensor([1, 2, 9, 7], 13);
    const options = { target: 1, size: 3, stride: 2, fill: 0.25 };
    const { map, score } = await inside.occlusion(picture, options);
    const scores = await scorer(network, "scores");
    const falls = Array.from({ length: 63 }, () => [] as number[]);
    for (const top of [0, 2, 4, 6])
      for (const left of [0, 2, 4]) {
        const covered = (picture.data as Float32Array).slice();
        const under = (y: number, x: number) => y >= top && y < top + 3 && x >= left && x < left + 3;
        for (let i = 0; i < 126; i++) if (under(Math.floor((i % 63) / 7), i % 7)) covered[i] = 0.25;
        const at = await scores(new Tensor("float32", covered, [1, 2, 9, 7]));
        for (let i = 0; i < 63; i++)
          if (under(Math.floor(i / 7), i % 7)) falls[i]?.push(score - (at[1] as number));
      }
    close(
      map.data,
      falls.map((all) => all.reduce((a, b) => a + b, 0) / all.length),
    );
  });
});

describe("what cannot be looked at", () => {
  test.each([
    ["two pictures", tensor([2, 2, 9, 7], 1), /one picture/],
    ["no tensor", null as never, /the picture/],
  ])("%s", async (_, picture, message) => {
    const inside = await inspector(pooled());
    await expect(inside.saliency(picture)).rejects.toThrow(message);
    await expect(inside.occlusion(picture)).rejects.toThrow(message);
  });

  test("classes and layers that are not there", async () => {
    const inside = await inspector(pooled());
    const picture = tensor([1, 2, 9, 7], 1);
    await expect(inside.saliency(picture, { target: 3 })).rejects.toThrow(UsageError);
    await expect(inside.occlusion(picture, { target: -1 })).rejects.toThrow(UsageError);
    await expect(inside.gradCam(picture, { layer: "no" })).rejects.toThrow(/has no value "no"/);
    await expect(inside.gradCam(picture, { layer: "scores" })).rejects.toThrow(/feature maps/);
    const flat = await inspector(linear(tensor([12, 2], 1)));
    await expect(flat.gradCam(tensor([1, 1, 3, 4], 1))).rejects.toThrow(/no feature maps before "scores"/);
  });
});
