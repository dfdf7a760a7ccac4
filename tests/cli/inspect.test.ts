import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../src/cli/image-file.ts";
import {
  activationSheet,
  activationsOf,
  filterSheet,
  filtersOf,
  inspector,
  networkFromModel,
  overlay,
  peakOf,
  resizeHeatmap,
} from "../../src/inspect/index.ts";
import { fromTensor, preprocess, presets } from "../../src/vision/index.ts";
import { classifier, lanewise, root } from "./lanewise.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-inspect-"));
const at = (name: string): string => join(folder, name);
const lighthouse = join(root, "models/lighthouse.png");
const model = at("classifier.onnx");
const picture = ["--image", lighthouse];

/** What the commands must say and show, by the functions of lanewise/inspect. */
const network = networkFromModel(classifier());
const { tensor } = preprocess(decodeImage(readFileSync(lighthouse), lighthouse), {
  ...presets.imagenet,
  width: 16,
  height: 16,
});
const { scale, mean, std } = presets.imagenet;
const seen = fromTensor(tensor, { ...(scale !== undefined && { scale }), mean: mean ?? 0, std: std ?? 1 });
const pngOf = (name: string) => {
  const { data, width, height } = decodeImage(readFileSync(at(name)), name);
  return { width, height, data: Array.from(data) };
};
const shown = ({ data, width, height }: { data: ArrayLike<number>; width: number; height: number }) => ({
  width,
  height,
  data: Array.from(data),
});

const inspect = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await lanewise("inspect", model, ...args, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

beforeAll(() => {
  writeFileSync(model, classifier());
  writeFileSync(at("labels.txt"), "one\ntwo, deux\nthree\nfour\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("what speaks for a class", () => {
  test("gradcam gives class, score and peak, and lays the map over the picture", async () => {
    const found = await inspect(
      "gradcam",
      ...picture,
      "--labels",
      at("labels.txt"),
      "--output",
      at("cam.png"),
    );
    const inside = await inspector(network);
    const { map, target, score } = await inside.gradCam(tensor);
    expect(found).toMatchObject({
      what: "gradcam",
      method: "gradcam",
      preset: "imagenet",
      target,
      label: ["one", "two, deux", "three", "four"][target],
      peak: peakOf(resizeHeatmap(map, 16, 16)),
      map: { width: 16, height: 16 },
      files: [at("cam.png")],
    });
    expect(found.score).toBeCloseTo(score, 5);
    expect(pngOf("cam.png")).toEqual(shown(overlay(seen, map)));
  });

  test.each([
    [["saliency"], "saliency", {}],
    [["saliency", "--method", "guided"], "saliency", { rules: "guidedBackprop" }],
    [["saliency", "--method", "deconvnet"], "saliency", { rules: "deconvnet" }],
    [["saliency", "--method", "smoothgrad", "--samples", "3"], "smoothGrad", { samples: 3 }],
    [["saliency", "--method", "integrated", "--samples", "4"], "integratedGradients", { steps: 4 }],
    [
      ["gradcam", "--method", "gradcam++", "--layer", "conv"],
      "gradCam",
      { method: "gradCamPlusPlus", layer: "conv" },
    ],
    [["occlusion", "--patch", "5", "--stride", "3"], "occlusion", { size: 5, stride: 3 }],
  ] as const)("%j is what lanewise/inspect gives", async (args, method, options) => {
    const found = await inspect(...args, ...picture, "--target", "deux", "--labels", at("labels.txt"));
    const inside = await inspector(network);
    const layer = "layer" in options && {
      layer: network.graph.nodes.find(({ name }) => name === "conv")?.outputs[0] as string,
    };
    const { map } = await inside[method](tensor, { ...options, ...layer, target: 1 } as never);
    expect(found).toMatchObject({ target: 1, label: "two, deux", files: [] });
    const peak = peakOf(resizeHeatmap(map, 16, 16));
    expect([found.peak.x, found.peak.y]).toEqual([peak.x, peak.y]);
    expect(found.peak.value).toBeCloseTo(peak.value, 5);
  });

  test("is told in words", async () => {
    const { code, stdout } = await lanewise("inspect", model, "gradcam", ...picture, "--target", "2");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /gradcam in .* ms, preset imagenet\nclass 2: score .*\nmost at column \d+, row \d+ of 16×16/,
    );
  });
});

describe("pictures of a network", () => {
  test("filters, by a layer's name", async () => {
    const found = await inspect("filters", "--layer", "conv", "--zoom", "4", "--output", at("filters.png"));
    expect(found).toMatchObject({ dims: [8, 3, 3, 3], files: [at("filters.png")] });
    expect(pngOf("filters.png")).toEqual(shown(filterSheet(filtersOf(network), { zoom: 4 })));
  });

  test("feature maps, of the first convolution where no layer is named", async () => {
    const found = await inspect("activations", ...picture, "--colors", "gray", "--output", at("maps.png"));
    expect(found.dims).toEqual([1, 8, 16, 16]);
    const maps = (await activationsOf(network, tensor, found.value))[found.value];
    expect(pngOf("maps.png")).toEqual(
      shown(activationSheet(maps as NonNullable<typeof maps>, { colors: "gray" })),
    );
    expect((await inspect("activations", ...picture, "--layer", "relu")).least).toBe(0);
  });

  test("receptive fields of all values, and one on the picture", async () => {
    const { values } = await inspect("receptive-field");
    expect(values.map(({ field }: { field: { size: number }[] }) => field[0]?.size)).toEqual([1, 3, 3]);
    await inspect(
      "receptive-field",
      ...picture,
      "--layer",
      "relu",
      "--at",
      "0,2",
      "--output",
      at("field.png"),
    );
    const { data, width } = decodeImage(readFileSync(at("field.png")), "field.png");
    const red = Array.from({ length: 256 }, (_, i) => i).filter((i) =>
      [228, 26, 28].every((value, c) => data[i * 4 + c] === value),
    );
    // Rows −1 to 1, columns 1 to 3: the frame without what lies above the picture.
    expect(red.map((i) => [Math.floor(i / width), i % width])).toEqual([
      [0, 1],
      [0, 3],
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });
});

describe("what cannot be shown", () => {
  test.each([
    [["gradcam"], /nothing to look at: give --image FILE/],
    [["gradcam", ...picture, "--target", "nine"], /--target nine: a class by name takes --labels/],
    [["gradcam", ...picture, "--target", "9"], /must be a whole number of at least 0 and at most 3, got 9/],
    [["gradcam", ...picture, "--layer", "no"], /--layer no: there is no such layer or value; there are/],
    [
      ["saliency", ...picture, "--method", "gradcam"],
      /saliency has no --method gradcam; it has gradient, guided/,
    ],
    [["filters", "--layer", "gemm"], /no convolution "gemm"; it has "conv"/],
    [["filters", "--output", "filters.jpg"], /--output filters\.jpg: the picture of filters is a \.png/],
    [
      ["receptive-field", ...picture, "--at", "99,0", "--output", at("x.png")],
      /--at 99,0: the layer has no such element/,
    ],
    [["soul"], /'soul' is invalid for argument 'what'/],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await lanewise("inspect", model, ...args);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
  });
});
