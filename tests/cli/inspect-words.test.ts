import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../src/cli/image-file.ts";
import { InferenceSession } from "../../src/index.ts";
import { preprocess } from "../../src/vision/index.ts";
import { dataPath } from "../support/data.ts";
import { classifier, lanewise, root } from "./lanewise.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-inspect-words-"));
const at = (name: string): string => join(folder, name);
const digits = join(root, "models/lenet5-mnist.onnx");
const lighthouse = join(root, "models/lighthouse.png");
const small = at("classifier.onnx");

const inspect = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await lanewise("inspect", ...args, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

beforeAll(() => writeFileSync(small, classifier()));
afterAll(() => rmSync(folder, { recursive: true }));

describe("maximise", () => {
  test.each(["3", "8"])(
    "what excites the class %s is read as that by `run`, with its score",
    async (digit) => {
      const output = at(`${digit}.png`);
      const args = ["maximise", "--target", digit, "--steps", "60", "--output", output];
      const { goals, value, files } = await inspect(digits, ...args, "--zoom", "1");
      expect([value, files]).toEqual(["output", [output]]);
      expect(goals[0].channel).toBe(Number(digit));
      expect(goals[0].score).toBeGreaterThan(goals[0].before + 10);
      // What the picture lost is what a byte cannot hold.
      const run = await lanewise("run", digits, "--image", output, "--top", "1", "--json");
      const [best] = JSON.parse(run.stdout).top;
      expect(best.index).toBe(Number(digit));
      expect(Math.abs(best.score - goals[0].score)).toBeLessThan(0.3);
      await inspect(digits, ...args);
      expect(decodeImage(readFileSync(output), output)).toMatchObject({ width: 224, height: 224 });
    },
  );

  test("channels of a layer, as a sheet, from a picture", async () => {
    const image = join(root, "models/digits/7.png");
    const from = ["--layer", "c3", "--channel", "2,4-5", "--image", image, "--steps", "20", "--zoom", "1"];
    const { goals } = await inspect(digits, "maximise", ...from, "--output", at("sheet.png"));
    expect(goals.map(({ channel }: { channel: number }) => channel)).toEqual([2, 4, 5]);
    for (const { before, score } of goals) expect(score).toBeGreaterThan(before);
    // Two by two, 28 pixels each, lines of two pixels between and around.
    expect(decodeImage(readFileSync(at("sheet.png")), "sheet")).toMatchObject({ width: 62, height: 62 });
    const again = await inspect(digits, "maximise", ...from, "--seed", "5");
    expect(again.goals[0].score).not.toBe(goals[0].score);
  });

  test("is told in words", async () => {
    const { stdout } = await lanewise("inspect", digits, "maximise", "--target", "1", "--steps", "2");
    expect(stdout).toMatch(/output in .* ms, 2 steps, preset unit\nclass 1: from -?[\d.]+ to -?[\d.]+\n$/);
  });
});

describe("the effective receptive field", () => {
  test("of digits' last maps is what their theory allows, and lies in a white frame", async () => {
    const output = at("field.png");
    const args = ["--effective", "--layer", "s4", "--samples", "3", "--output", output];
    const found = await inspect(digits, "receptive-field", ...args);
    const { values } = await inspect(digits, "receptive-field", "--layer", "s4");
    const [{ size, stride, start }] = values[0].field;
    const first = start + found.place.x * stride;
    expect(found.theoretical).toEqual({ x: first, y: first, width: size, height: size });
    expect(found.reached).toEqual(found.theoretical);
    expect(found.side).toBeGreaterThan(size / 2);
    expect(found.side).toBeLessThan(size);
    const { data, width } = decodeImage(readFileSync(output), output);
    const zoom = width / 28;
    const isWhite = (x: number, y: number) => [0, 1, 2].every((c) => data[(y * width + x) * 4 + c] === 255);
    const [low, high] = [first * zoom, (first + size) * zoom - 1];
    for (let along = low; along <= high; along++)
      expect([
        isWhite(along, low),
        isWhite(along, high),
        isWhite(low, along),
        isWhite(high, along),
      ]).not.toContain(false);
    expect([isWhite(low - 1, low), isWhite(low + 1, low + 1), isWhite(high + 1, high)]).not.toContain(true);
  });

  test("of one picture lies over it, and is told in words", async () => {
    const args = ["receptive-field", "--effective", "--image", lighthouse, "--layer", "conv", "--zoom", "2"];
    const { stdout } = await lanewise("inspect", small, ...args, "--output", at("over.png"));
    expect(stdout).toMatch(/conv at column 8, row 8, of 16×16 pixels\n/);
    // Its filters are 3×3, so that each weight counts.
    expect(stdout).toMatch(
      /can see +3×3 pixels from column 7, row 7\nreaches +3×3 pixels from column 7, row 7\n/,
    );
    expect(decodeImage(readFileSync(at("over.png")), "over")).toMatchObject({ width: 32, height: 32 });
  });
});

describe("gradcam --method cam", () => {
  test("is as many times Grad-CAM as there are places, where that is positive", async () => {
    const args = ["gradcam", "--image", lighthouse, "--target", "2"];
    const [cam, gradCam] = [await inspect(small, ...args, "--method", "cam"), await inspect(small, ...args)];
    expect(cam).toMatchObject({ method: "cam", target: 2, map: { width: 16, height: 16 } });
    expect([cam.peak.x, cam.peak.y]).toEqual([gradCam.peak.x, gradCam.peak.y]);
    expect(cam.peak.value).toBeCloseTo(256 * gradCam.peak.value, 3);
    expect(cam.score).toBeCloseTo(gradCam.score, 5);
  });

  test("of MobileNetV2 points where Grad-CAM does", async (context) => {
    const model = dataPath(context, "models/mobilenetv2_fp32_dequant/model.onnx");
    const args = ["gradcam", "--image", dataPath(context, "images/elephants.jpg")];
    const [cam, gradCam] = [await inspect(model, ...args, "--method", "cam"), await inspect(model, ...args)];
    expect(cam.target).toBe(gradCam.target);
    expect([cam.peak.x, cam.peak.y]).toEqual([gradCam.peak.x, gradCam.peak.y]);
    expect(cam.peak.value).toBeCloseTo(49 * gradCam.peak.value, 2);
  });
});

test("a network of several outputs, its channels last: BlazeFace's best anchor, and where that looks", async (context) => {
  const model = dataPath(context, "models/blazeface/model.onnx");
  const image = dataPath(context, "images/grace_hopper.jpg");
  const args = ["saliency", "--image", image, "--preset", "blazeface", "--scores", "classificators"];
  const found = await inspect(model, ...args, "--output", at("face.png"));
  const session = await InferenceSession.create(readFileSync(model));
  const { tensor } = preprocess(decodeImage(readFileSync(image), image), "blazeface");
  const scores = (await session.run({ input: tensor })).classificators?.data as Float32Array;
  await session.release();
  const best = scores.indexOf(Math.max(...scores));
  expect(found.target).toBe(best);
  expect(found.score).toBeCloseTo(scores[best] as number, 2);
  // Two anchors a place of 16×16, then six a place of 8×8.
  const place = best < 512 ? Math.floor(best / 2) : Math.floor((best - 512) / 6);
  const side = best < 512 ? 16 : 8;
  const [x, y] = [(place % side) + 0.5, Math.floor(place / side) + 0.5].map((at) => (at * 128) / side);
  expect(Math.hypot(found.peak.x - (x as number), found.peak.y - (y as number))).toBeLessThan(32);
  expect(decodeImage(readFileSync(at("face.png")), "face")).toMatchObject({ width: 128, height: 128 });
});

test.each<[readonly string[], RegExp]>([
  [[digits, "maximise"], /nothing to excite: give --target CLASS, or --layer NAME and --channel NUMBERS/],
  [[digits, "maximise", "--layer", "c1"], /nothing to excite/],
  [
    [digits, "maximise", "--layer", "c1", "--target", "1"],
    /--target is a class: of a --layer name a --channel/,
  ],
  [
    [digits, "maximise", "--layer", "c1", "--channel", "6"],
    /channel must be a whole number .* at most 5, got 6/,
  ],
  [[digits, "maximise", "--channel", "5-3"], /Expected at most 256 channels: 7, 0-15, or 1,4,9/],
  [[digits, "maximise", "--target", "1", "--output", "x.svg"], /the picture of maximise is a \.png/],
  [[digits, "receptive-field", "--effective", "--layer", "c5"], /"c5" must be feature maps/],
  [
    [digits, "gradcam", "--method", "cam", "--image", join(root, "models/digits/4.png")],
    /reads no global average pool, but Relu/,
  ],
  [
    [small, "gradcam", "--method", "cam", "--layer", "relu", "--image", lighthouse],
    /cam takes the last maps, no --layer/,
  ],
  [
    [small, "gradcam", "--scores", "no", "--image", lighthouse],
    /--scores no: there is no such layer or value; there are/,
  ],
  [[digits, "--output", "x.png"], /--output: a picture is of a word after the model/],
])("%j is refused by name", async (args, message) => {
  const { code, stdout, stderr } = await lanewise("inspect", ...args);
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(message);
});
