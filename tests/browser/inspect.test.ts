import { afterAll, expect, test } from "vitest";
import { inspector, neighborhoodHit, networkFromModel } from "../../src/inspect/index.ts";
import * as nn from "../../src/nn/index.ts";
import { Tensor } from "../../src/tensor.ts";
import { exportNetwork } from "../../src/train/index.ts";
import { createPages, type PageModules } from "./harness.ts";

const browser = createPages();
afterAll(browser.close);

/** A classifier of 12×10 pictures, as an ONNX file, and a picture. */
const model = exportNetwork(
  nn.sequential({ input: [3, 12, 10], seed: 4 }, [
    nn.conv2d({ filters: 6, kernelSize: 3, padding: 1 }),
    nn.relu(),
    nn.maxPool2d({ kernelSize: 2 }),
    nn.conv2d({ name: "maps", filters: 8, kernelSize: 3 }),
    nn.globalAveragePool2d(),
    nn.flatten(),
    nn.dense({ units: 5 }),
    nn.softmax(),
  ]),
);
const picture = Array.from({ length: 360 }, (_, i) => Math.sin(0.37 * i));
const DIMS = [1, 3, 12, 10];

interface Question {
  readonly model: string;
  readonly picture: readonly number[];
  readonly dims: readonly number[];
}

/** Grad-CAM in a page, of a model that it downloads, laid over a picture. */
async function look({ inspect, lanewise }: PageModules, { model, picture, dims }: Question) {
  const bytes = new Uint8Array(await (await fetch(model)).arrayBuffer());
  const inside = await inspect.inspector(inspect.networkFromModel(bytes), { simd: "plain" });
  const x = new lanewise.Tensor("float32", Float32Array.from(picture), dims);
  const { map, target, score } = await inside.gradCam(x);
  const saliency = await inside.saliency(x, { target });
  await inside.release();
  const photo = { data: new Uint8ClampedArray(40 * 48 * 4).fill(200), width: 40, height: 48 };
  const { data, width, height } = inspect.overlay(photo, map);
  const canvas = document.createElement("canvas");
  canvas.getContext("2d")?.putImageData(new ImageData(data, width, height), 0, 0);
  const drawn = canvas.getContext("2d")?.getImageData(0, 0, 2, 1).data;
  return {
    target,
    score,
    map: Array.from(map.data),
    saliency: Array.from(saliency.map.data),
    drawn: Array.from(drawn ?? []),
    corner: Array.from(data.subarray(0, 8)),
  };
}

test("a page explains a class by the numbers of Node, and draws them", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/classifier.onnx", { body: model });
  const found = await pages.run(look, { model: path, picture, dims: DIMS }, { inspect: true });
  const inside = await inspector(networkFromModel(model), { simd: "plain" });
  const x = new Tensor("float32", Float32Array.from(picture), DIMS);
  const { map, target, score } = await inside.gradCam(x);
  const saliency = await inside.saliency(x);
  expect(Math.max(...map.data)).toBeGreaterThan(0);
  expect(found).toMatchObject({ target, score });
  expect(found.map).toEqual(Array.from(map.data));
  expect(found.saliency).toEqual(Array.from(saliency.map.data));
  expect(found.drawn).toEqual(found.corner);
});

/** Three groups of rows that lie apart. */
const LABELS = Array.from({ length: 24 }, (_, i) => i % 3);
const ROWS = LABELS.map((label, i) => [10 * label, Math.sin(i), Math.cos(3 * i)]);

test.for(["tsne", "umap"] as const)("a page embeds rows: %s", async (method, context) => {
  const pages = await browser.open(context);
  const options = { method, steps: 100, neighbors: 5 };
  const place = ({ inspect }: PageModules, asked: { rows: number[][]; options: typeof options }) =>
    inspect.embed(asked.rows, asked.options);
  const found = await pages.run(place, { rows: ROWS, options }, { inspect: true });
  expect(neighborhoodHit(found, LABELS)).toBeGreaterThan(0.9);
});
