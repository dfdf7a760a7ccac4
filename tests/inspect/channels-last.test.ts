import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../src/cli/image-file.ts";
import { Tensor } from "../../src/index.ts";
import { channelsAt, channelsFirst } from "../../src/inspect/channels.ts";
import {
  type Explanation,
  effectiveField,
  type Inspector,
  inspector,
  maximise,
  peakOf,
  receptiveFieldsOf,
  resizeHeatmap,
} from "../../src/inspect/index.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import type { Network } from "../../src/nn/network.ts";
import { networkFromModel } from "../../src/train/index.ts";
import { preprocess } from "../../src/vision/index.ts";
import { dataPath } from "../support/data.ts";
import { random } from "../support/random.ts";

const LAST = [0, 2, 3, 1];
const FIRST = [0, 3, 1, 2];

/** One classifier of pictures of three channels, as PyTorch writes it, or with the channels last wherever TensorFlow has them so. */
function classifier(layout: "first" | "last"): Network {
  const b = graphBuilder({ name: layout, opset: 17 });
  const isLast = layout === "last";
  let seed = 1;
  const weights = (...dims: number[]): string =>
    b.constant(`w${seed}`, random(seed++).tensor("float32", dims) as never);
  const x = b.input("x", "float32", isLast ? ["N", 8, 10, 3] : ["N", 3, 8, 10]);
  const planes = isLast ? b.node("Transpose", [x], { perm: FIRST }) : x;
  const conv = b.node("Conv", [planes, weights(4, 3, 3, 3), weights(4)], { strides: [2, 1] });
  b.node("Relu", [isLast ? b.node("Transpose", [conv], { perm: LAST }) : conv], {}, { outputs: ["maps"] });
  const means = b.node("ReduceMean", ["maps"], { axes: isLast ? [1, 2] : [2, 3], keepdims: 0 });
  b.output(b.node("Gemm", [means, weights(4, 3), weights(3)], {}, { outputs: ["scores"] }));
  return { graph: b.finish(), trainable: new Set() };
}

const [plain, turned] = [classifier("first"), classifier("last")];
const picture = new Tensor(
  "float32",
  random(9).tensor("float32", [1, 3, 8, 10]).data as Float32Array,
  [1, 3, 8, 10],
);
const turnedPicture = channelsAt(picture, 3);
const close = (found: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(found.length).toBe(expected.length);
  Array.from(found).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 5);
  });
};
const numbers = (of: Tensor): Float32Array => of.data as Float32Array;

test("channels are moved as indices say, and back", () => {
  expect(turnedPicture.dims).toEqual([1, 8, 10, 3]);
  for (const [c, y, x] of [
    [0, 0, 0],
    [2, 7, 9],
    [1, 3, 4],
  ] as const)
    expect(numbers(turnedPicture)[(y * 10 + x) * 3 + c]).toBe(numbers(picture)[(c * 8 + y) * 10 + x]);
  expect(channelsFirst(turnedPicture, 3)).toEqual(picture);
});

describe("a network that has its channels last is explained as the same with its channels second", () => {
  test.each<[string, (inside: Inspector, x: Tensor) => Promise<Explanation>]>([
    ["saliency", (inside, x) => inside.saliency(x)],
    ["guided", (inside, x) => inside.saliency(x, { rules: "guidedBackprop", target: 1 })],
    ["smoothGrad", (inside, x) => inside.smoothGrad(x, { samples: 2, noise: 0 })],
    ["integratedGradients", (inside, x) => inside.integratedGradients(x, { steps: 4, target: 2 })],
    ["gradCam", (inside, x) => inside.gradCam(x)],
    ["gradCam of the maps", (inside, x) => inside.gradCam(x, { layer: "maps", target: 0 })],
    ["gradCam++", (inside, x) => inside.gradCam(x, { method: "gradCamPlusPlus" })],
    ["cam", (inside, x) => inside.cam(x)],
    ["occlusion", (inside, x) => inside.occlusion(x, { size: 3, stride: 2, fill: 0.5 })],
  ])("%s", async (_, ask) => {
    const [expected, found] = [
      await ask(await inspector(plain), picture),
      await ask(await inspector(turned), turnedPicture),
    ];
    expect(found.target).toBe(expected.target);
    expect(found.score).toBeCloseTo(expected.score, 5);
    expect([found.map.width, found.map.height]).toEqual([expected.map.width, expected.map.height]);
    close(found.map.data, expected.map.data);
    expect(Math.max(...expected.map.data)).toBeGreaterThan(0.01);
  });

  test("numbers by the picture come in its own dims", async () => {
    const { values } = await (await inspector(turned)).saliency(turnedPicture, { target: 0 });
    const { values: expected } = await (await inspector(plain)).saliency(picture, { target: 0 });
    expect(values.dims).toEqual([1, 8, 10, 3]);
    close(numbers(channelsFirst(values, 3)), numbers(expected));
  });

  test("activation maximisation, of a class and of a map", async () => {
    for (const goal of [{ channel: 2 }, { of: "maps", channel: 3 }]) {
      const options = { ...goal, steps: 6, jitter: 2, blur: 0.7 };
      const [expected, found] = [await maximise(plain, options), await maximise(turned, options)];
      expect(found.picture.dims).toEqual([1, 8, 10, 3]);
      close(numbers(channelsFirst(found.picture, 3)), numbers(expected.picture));
      expect(found.score).toBeCloseTo(expected.score, 4);
    }
  });

  test("receptive fields, by theory and by gradients", async () => {
    expect(receptiveFieldsOf(turned).get("maps")).toEqual(receptiveFieldsOf(plain).get("maps"));
    const expected = await effectiveField(plain, { of: "maps", pictures: [picture] });
    const found = await effectiveField(turned, { of: "maps", pictures: [turnedPicture] });
    close(found.map.data, expected.map.data);
    expect({ ...found, map: 0 }).toEqual({ ...expected, map: 0 });
    expect(found.theoretical).toEqual({ x: 4, y: 2, width: 3, height: 3 });
  });
});

test("BlazeFace, whose input has its channels last, finds the face of its best anchor there", async (context) => {
  const network = networkFromModel(readFileSync(dataPath(context, "models/blazeface/model.onnx")));
  const photo = decodeImage(readFileSync(dataPath(context, "images/grace_hopper.jpg")), "grace_hopper.jpg");
  const { tensor } = preprocess(photo, "blazeface");
  expect(tensor.dims).toEqual([1, 128, 128, 3]);
  const inside = await inspector(network, { scores: "classificators" });
  const { target, score } = await inside.gradCam(tensor);
  // The first 512 anchors are two a place of 16×16; the others six a place of 8×8.
  const [x, y] =
    target < 512
      ? [(Math.floor(target / 2) % 16) / 16, Math.floor(target / 32) / 16]
      : [(Math.floor((target - 512) / 6) % 8) / 8, Math.floor((target - 512) / 48) / 8];
  expect(score).toBeGreaterThan(0);
  const { map } = await inside.saliency(tensor, { target });
  const peak = peakOf(resizeHeatmap(map, 128, 128));
  expect(Math.abs(peak.x / 128 - (x as number))).toBeLessThan(0.25);
  expect(Math.abs(peak.y / 128 - (y as number))).toBeLessThan(0.25);
  await inside.release();
});
