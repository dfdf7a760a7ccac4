import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { decodeTensorFile } from "../../src/onnx/decode-value.ts";
import type { Simd } from "../../src/runtime/kernels.ts";
import { InferenceSession } from "../../src/session.ts";
import { Tensor } from "../../src/tensor.ts";
import { preprocess, presets } from "../../src/vision/index.ts";
import { dataPath } from "../support/data.ts";
import * as onnx from "../support/onnx-model.ts";
import { random } from "../support/random.ts";
import { SMALL_MODEL_DIMS, smallModel } from "../support/small-model.ts";
import { createPages, type PageModules, type Pages } from "./harness.ts";

const browser = createPages();
afterAll(browser.close);

const SIMDS: readonly Simd[] = ["plain", "relaxed"];

/** Relaxed SIMD may round a multiply-add once or twice, as the engine likes; plain SIMD leaves no choice. */
const RELAXED_TOLERANCE = 1e-5;

async function runInNode(
  model: Uint8Array,
  input: Float32Array,
  dims: readonly number[],
  simd: Simd,
): Promise<Float32Array> {
  using session = await InferenceSession.create(model, { simd });
  const name = session.inputNames[0] as string;
  const results = await session.run({ [name]: new Tensor("float32", input, dims) });
  return results[session.outputNames[0] as string]?.data as Float32Array;
}

async function runInPage(
  pages: Pages,
  model: Uint8Array,
  input: Float32Array,
  dims: readonly number[],
  simd: Simd,
): Promise<Float32Array> {
  const argument = {
    model: pages.serve("/model.onnx", { body: model }),
    input: pages.serve("/input.bin", {
      body: new Uint8Array(input.buffer, input.byteOffset, input.byteLength),
    }),
    dims,
    simd,
  };
  const output = await pages.run(async ({ lanewise }, { model, input, dims, simd }) => {
    const session = await lanewise.InferenceSession.create(model, { simd });
    const data = new Float32Array(await (await fetch(input)).arrayBuffer());
    const name = session.inputNames[0] as string;
    const results = await session.run({ [name]: new lanewise.Tensor("float32", data, dims) });
    const values = Array.from(results[session.outputNames[0] as string]?.data as Float32Array);
    await session.release();
    return values;
  }, argument);
  return Float32Array.from(output);
}

function expectSame(page: Float32Array, node: Float32Array, simd: Simd): void {
  if (simd === "plain") {
    expect(page).toEqual(node);
    return;
  }
  expect(page).toHaveLength(node.length);
  const scale = Math.max(...node.map(Math.abs));
  const apart = Math.max(...page.map((value, i) => Math.abs(value - (node[i] as number))));
  expect(apart).toBeLessThanOrEqual(RELAXED_TOLERANCE * scale);
}

describe.each(SIMDS)("the built package in Chromium with %s SIMD equals Node", (simd) => {
  test("on a small network", async (context) => {
    const pages = await browser.open(context);
    const input = random(7).tensor("float32", SMALL_MODEL_DIMS).data;
    const node = await runInNode(smallModel(), input, SMALL_MODEL_DIMS, simd);
    expectSame(await runInPage(pages, smallModel(), input, SMALL_MODEL_DIMS, simd), node, simd);
    expect(new Set(node).size).toBe(10);
  });

  test("on the edge detector that comes with it", async (context) => {
    const pages = await browser.open(context);
    const sobel = readFileSync(new URL("../../models/sobel.onnx", import.meta.url));
    const { dims, data } = random(11).tensor("float32", [1, 1, 40, 56], 0, 1);
    const node = await runInNode(sobel, data, dims, simd);
    expectSame(await runInPage(pages, sobel, data, dims, simd), node, simd);
  });

  test("on MobileNetV2, pretrained", async (context) => {
    const folder = dataPath(context, "models", "mobilenetv2_fp32_dequant");
    const pages = await browser.open(context);
    const model = readFileSync(`${folder}/model.onnx`);
    const { dims, data } = decodeTensorFile(
      readFileSync(`${folder}/test_data_set_0/input_0.pb`),
      "input_0.pb",
    );
    const node = await runInNode(model, data as Float32Array, dims, simd);
    expectSame(await runInPage(pages, model, data as Float32Array, dims, simd), node, simd);
  });
});

test("what lanewise/vision makes of a picture in Chromium goes into a session, and is what it makes in Node", async (context) => {
  const pages = await browser.open(context);
  const picture = {
    width: 31,
    height: 23,
    data: Array.from(random(3).tensor("uint8", [23, 31, 4], 0, 255).data),
  };
  const preset = { ...presets.imagenet, width: 24, height: 20 };
  const model = pages.serve("/model.onnx", { body: smallModel() });
  const page = await pages.run(
    async ({ lanewise, vision }, { picture, preset, model }) => {
      const image = { ...picture, data: Uint8ClampedArray.from(picture.data) };
      const tensor = vision.preprocess(image, preset).tensor;
      const session = await lanewise.InferenceSession.create(model, { simd: "plain" });
      const { y } = await session.run({ x: tensor });
      return { tensor: Array.from(tensor.data as Float32Array), y: Array.from(y?.data as Float32Array) };
    },
    { picture, preset, model },
  );
  const { tensor } = preprocess({ ...picture, data: Uint8ClampedArray.from(picture.data) }, preset);
  expect(Float32Array.from(page.tensor)).toEqual(tensor.data);
  expect(Float32Array.from(page.y)).toEqual(
    await runInNode(smallModel(), tensor.data as Float32Array, SMALL_MODEL_DIMS, "plain"),
  );
});

test("an operator that the default entry lacks runs from lanewise/all, as the default entry's error says", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/det.onnx", {
    body: onnx.model({
      inputs: { x: { dtype: "float32", dims: [2, 2] } },
      outputs: ["y"],
      nodes: [onnx.node("Det", ["x"], ["y"])],
    }),
  });
  const run = ({ lanewise }: PageModules, path: string): Promise<string> =>
    lanewise.InferenceSession.create(path).then(
      async (session) => {
        const x = new lanewise.Tensor("float32", Float32Array.of(1, 2, 3, 4), [2, 2]);
        return String((await session.run({ x })).y?.data);
      },
      (error: Error) => error.message,
    );
  expect(await pages.run(run, path, { entry: "all" })).toBe("-2");
  expect(await pages.run(run, path)).toMatch(/Det .*lanewise\/all/);
});
