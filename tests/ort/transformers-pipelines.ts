import { join } from "node:path";
import { expect, type TestContext } from "vitest";
import { dataPath } from "../support/data.ts";
import {
  writeImageClassifier,
  writeImageEncoder,
  writeImageSegmenter,
  writePicture,
  writeTextModel,
} from "./transformers-folders.ts";

export const PICTURE = "picture.png";

/** Writes the folders of all models that `ASK` asks for, and the picture. */
export function writeModels(folder: string, context: TestContext): void {
  const mobilenet = dataPath(context, "models", "mobilenetv2_fp32_dequant", "model.onnx");
  const deeplab = dataPath(context, "models", "deeplab_dm05_513", "model.onnx");
  writePicture(join(folder, PICTURE), dataPath(context, "images", "grace_hopper.jpg"));
  writeImageClassifier(join(folder, "classifier"), mobilenet);
  writeImageEncoder(join(folder, "encoder"), mobilenet);
  writeImageSegmenter(join(folder, "segmenter"), deeplab);
  writeTextModel(join(folder, "features"), "features");
  writeTextModel(join(folder, "classes"), "classes");
}

/** Of a program that has `pipeline`: what a pipeline gives, as JSON can say it. */
export const ASK = `
const TEXTS = ["The film was good.", "The film was badly made"];
const plain = ({ type, dims, data }) => ({ type, dims, data: Array.from(data) });
const QUESTIONS = {
  "image-classification": ["classifier", (classify, picture) => classify(picture, { top_k: 5 })],
  "image-feature-extraction": ["encoder", async (extract, picture) => plain(await extract(picture, { pool: true }))],
  "image-segmentation": [
    "segmenter",
    async (segment, picture) =>
      (await segment(picture)).map(({ label, mask: { width, height, data } }) => ({
        ...{ label, width, height, data: Array.from(data) },
      })),
  ],
  "feature-extraction": [
    "features",
    async (extract) => plain(await extract(TEXTS, { pooling: "mean", normalize: true })),
  ],
  "text-classification": ["classes", (classify) => classify(TEXTS, { top_k: null })],
};
async function ask(task, picture, options) {
  const [model, run] = QUESTIONS[task];
  return run(await pipeline(task, model, options), picture);
}
const askAll = async (...args) => {
  const answers = {};
  for (const task of Object.keys(QUESTIONS)) answers[task] = await ask(task, ...args);
  return answers;
};`;

interface Mask {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly data: readonly number[];
}

/** What every runtime must give, whatever its numbers are in their last places. */
export const EXPECTED = {
  "image-classification": { length: 5, 0: { label: expect.stringMatching(/^class \d+$/) } },
  "image-feature-extraction": { type: "float32", dims: [1, 1280] },
  "image-segmentation": [{ label: "ground" }, { label: "figure" }],
  "feature-extraction": { type: "float32", dims: [2, 32] },
  "text-classification": { length: 2, 0: [{ score: expect.any(Number) }, { score: expect.any(Number) }] },
};

export type Task = keyof typeof EXPECTED;
export const TASKS = Object.keys(EXPECTED) as Task[];

/** Expects of a pipeline's answer that it is what onnxruntime gives, but for what single precision leaves open. */
export function expectSameAnswer(task: Task, actual: unknown, expected: unknown): void {
  expect(expected).toMatchObject(EXPECTED[task]);
  if (task === "image-segmentation") expectMasksAlike(actual as Mask[], expected as Mask[]);
  else expectAlike(actual, expected);
}

/** Of pixels that two classes claim alike, rounding decides. */
function expectMasksAlike(actual: readonly Mask[], expected: readonly Mask[]): void {
  const shapes = (masks: readonly Mask[]) => masks.map(({ data: _, ...mask }) => mask);
  expect(shapes(actual)).toEqual(shapes(expected));
  for (const [i, { data }] of expected.entries()) {
    const others = data.filter((value, k) => value !== actual[i]?.data[k]).length;
    expect(others).toBeLessThan(1e-3 * data.length);
    expect(new Set(data)).toEqual(new Set([0, 255]));
  }
}

function expectAlike(actual: unknown, expected: unknown): void {
  if (typeof expected === "number")
    expect(Math.abs((actual as number) - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
  else if (typeof expected === "object" && expected !== null) {
    expect(Object.keys(actual as object)).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected))
      expectAlike((actual as Record<string, unknown>)[key], value);
  } else expect(actual).toEqual(expected);
}
