import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../src/cli/image-file.ts";
import { InferenceSession, type Tensor } from "../../src/index.ts";
import { preprocessFor } from "../../src/vision/index.ts";
import { dataPath } from "../support/data.ts";
import { elementsOf } from "../support/well-formed.ts";
import { lanewise, root } from "./lanewise.ts";

// What `lanewise inspect` says of the digit reader in models/ on pictures of known classes, held against single runs of it.

const folder = mkdtempSync(join(tmpdir(), "lanewise-inspect-data-"));
const at = (...names: string[]): string => join(folder, ...names);
const model = join(root, "models/lenet5-mnist.onnx");
const DIGITS = [..."0123456789"];
const fileOf = (digit: string): string => join(root, `models/digits/${digit}.png`);

/** Class by folder: each digit in its own, and a 4 among the nines, a 7 among the ones. */
const PLACED = [...DIGITS.map((digit) => [digit, digit]), ["4", "9"], ["7", "1"]] as const;

const inspect = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await lanewise("inspect", ...args, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout);
};

/** Values of the network for one digit, by a session of inference. */
async function valuesOf(digit: string, ...names: string[]): Promise<Float32Array[]> {
  const session = await InferenceSession.create(readFileSync(model));
  const image = decodeImage(readFileSync(fileOf(digit)), digit);
  const { tensor } = preprocessFor(image, [1, 1, 28, 28], "unit");
  const found = await session.run({ [session.inputNames[0] as string]: tensor }, names);
  await session.release();
  return names.map((name) => (found[name] as Tensor).data as Float32Array);
}

const bestOf = (scores: Float32Array): number => scores.indexOf(Math.max(...scores));

beforeAll(() => {
  for (const [i, [digit, label]] of PLACED.entries()) {
    mkdirSync(at("classes", label), { recursive: true });
    copyFileSync(fileOf(digit), at("classes", label, `${i}.png`));
  }
  const lines = PLACED.map(([, label], i) =>
    JSON.stringify({ image: `classes/${label}/${i}.png`, label: Number(label) }),
  );
  writeFileSync(at("list.jsonl"), `${lines.join("\n")}\n`);
  writeFileSync(at("names.txt"), "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("confusion", () => {
  test.each(["classes", "list.jsonl"])("counts what single runs say, of %s", async (data) => {
    const predictions = await Promise.all(
      PLACED.map(async ([digit]) => bestOf((await valuesOf(digit, "output"))[0] as Float32Array)),
    );
    const counts = new Map<string, number>();
    for (const [i, [, label]] of PLACED.entries()) {
      const key = `${label} ${predictions[i]}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const svg = at("confusion.svg");
    const found = await inspect(
      model,
      "confusion",
      "--data",
      at(data),
      "--labels",
      at("names.txt"),
      "--output",
      svg,
    );
    const seen = found.confusions.map(
      ({ label, prediction, count }: Record<string, number>) => [`${label} ${prediction}`, count] as const,
    );
    expect(new Map(seen)).toEqual(counts);
    // The reader takes every digit for what it is, so two of twelve are wrong by their folder.
    expect(found).toMatchObject({ samples: 12, files: [svg] });
    expect(found.accuracy).toBeCloseTo(10 / 12, 12);
    expect(found.classes[4]).toEqual({
      class: 4,
      name: "four",
      precision: 0.5,
      recall: 1,
      f1: 2 / 3,
      support: 1,
    });
    expect(found.classes[9]).toEqual({
      class: 9,
      name: "nine",
      precision: 1,
      recall: 0.5,
      f1: 2 / 3,
      support: 2,
    });
    const drawn = readFileSync(svg, "utf8");
    expect(elementsOf(drawn).length).toBeGreaterThan(30);
    expect(drawn).toContain("nine taken for four: 1 of 2 (50 %)");
    expect(drawn).toContain("lenet5-mnist.onnx: 83.3 % of 12 right");
  });

  test("is told in words, and needs as many names as scores", async () => {
    const { stdout } = await lanewise("inspect", model, "confusion", "--data", at("classes"));
    expect(stdout).toMatch(/83\.3 % of 12 samples of .*classes right\n/);
    expect(stdout).toMatch(/^9 +9 +100\.0 % +50\.0 % +66\.7 % +2$/m);
    writeFileSync(at("few.txt"), "zero\none\n");
    const few = await lanewise(
      "inspect",
      model,
      "confusion",
      "--data",
      at("classes"),
      "--labels",
      at("few.txt"),
    );
    expect(few).toMatchObject({ code: 1, stdout: "" });
    expect(few.stderr).toMatch(/few\.txt: 2 labels, the network gives 10 scores/);
  });

  test("of ImageNet's pictures on MobileNetV2 is what `run` says of each", {
    timeout: 120_000,
  }, async (context) => {
    const network = dataPath(context, "models/mobilenetv2_fp32_dequant/model.onnx");
    const labels = dataPath(context, "labels/imagenet-simple-labels.json");
    const known = ["n02391049_zebra", "n02444819_otter", "n03717622_manhole_cover", "n09472597_volcano"];
    const names = JSON.parse(readFileSync(labels, "utf8")) as string[];
    const pictures = known.map((name) => dataPath(context, "images/imagenet_samples", `${name}.JPEG`));
    const list = known.map((name, i) => ({ image: pictures[i], label: name.slice(10).replace("_", " ") }));
    writeFileSync(at("imagenet.jsonl"), list.map((line) => JSON.stringify(line)).join("\n"));
    const args = ["--data", at("imagenet.jsonl"), "--labels", labels];
    const found = await inspect(network, "confusion", ...args);
    const run = await lanewise(
      "run",
      network,
      ...pictures.flatMap((picture) => ["--image", picture]),
      "--top",
      "1",
      "--json",
    );
    const expected = JSON.parse(run.stdout).pictures.map(
      ({ top }: { top: { index: number }[] }, i: number) =>
        `${names.indexOf((list[i] as { label: string }).label)} ${top[0]?.index}`,
    );
    const seen = found.confusions.map(
      ({ label, prediction }: Record<string, number>) => `${label} ${prediction}`,
    );
    expect(seen.sort()).toEqual(expected.sort());
    // The file fixes its batch: its samples run one by one.
    const two = await inspect(
      network,
      "histograms",
      "--data",
      at("imagenet.jsonl"),
      "--limit",
      "2",
      "--layer",
      "node_view",
    );
    expect(two.histograms).toMatchObject([{ dims: [2, 1280], count: 2560 }]);
  });
});

describe("embed", () => {
  const share = (rows: readonly ArrayLike<number>[], labels: readonly number[], count: number): number => {
    let hits = 0;
    for (const [i, row] of rows.entries()) {
      const far = rows.map((other) =>
        Math.hypot(...Array.from(row, (value, k) => value - (other[k] as number))),
      );
      const order = rows.map((_, j) => j).filter((j) => j !== i);
      order.sort((a, b) => (far[a] as number) - (far[b] as number) || a - b);
      hits += order.slice(0, count).filter((j) => labels[j] === labels[i]).length;
    }
    return hits / (rows.length * count);
  };

  test.each(["tsne", "umap"])(
    "%s: the hits are those of the places it prints, and of a session's features",
    async (method) => {
      const svg = at(`${method}.svg`);
      const args = [
        "--data",
        at("classes"),
        "--method",
        method,
        "--steps",
        "60",
        "--neighbors",
        "3",
        "--output",
        svg,
      ];
      const found = await inspect(model, "embed", ...args);
      // What the last dense layer reads.
      expect(found).toMatchObject({
        method,
        value: "relu_3",
        features: 84,
        samples: 12,
        neighbors: 6,
        files: [svg],
      });
      // Folders are read in the order of their names, files in that of theirs.
      const order = PLACED.map(([digit, label], i) => ({ digit, label, file: `${i}.png` })).sort(
        (a, b) => Number(a.label) - Number(b.label) || (a.file < b.file ? -1 : 1),
      );
      const labels = order.map(({ label }) => Number(label));
      expect(found.points.map((point: { class: number }) => point.class)).toEqual(labels);
      const places = found.points.map(({ x, y }: { x: number; y: number }) => [x, y]);
      expect(found.hit.plane).toBeCloseTo(share(places, labels, 6), 12);
      const rows = await Promise.all(
        order.map(async ({ digit }) => (await valuesOf(digit, "relu_3"))[0] as Float32Array),
      );
      expect(found.hit.features).toBeCloseTo(share(rows, labels, 6), 12);
      const elements = elementsOf(readFileSync(svg, "utf8"));
      // Two classes have two points.
      expect(elements.filter(({ name }) => name === "ellipse")).toHaveLength(2);
    },
  );

  test("of digits made by a program: classes that the reader tells apart lie apart", async () => {
    const found = await inspect(model, "embed", "--data", "digits", "--limit", "120", "--steps", "250");
    expect(found.samples).toBe(120);
    expect(found.hit.plane).toBeGreaterThan(0.9);
    const input = await inspect(
      model,
      "embed",
      "--data",
      "digits",
      "--limit",
      "120",
      "--steps",
      "250",
      "--layer",
      "c1",
    );
    expect(input.features).toBe(6 * 28 * 28);
    expect(input.hit.features).toBeLessThan(found.hit.features);
  });
});

describe("histograms", () => {
  test("are of the numbers that a session gives", async () => {
    const args = ["--image", fileOf("4"), "--layer", "relu_1", "--bins", "7", "--output", at("relu.svg")];
    const { histograms, samples } = await inspect(model, "histograms", ...args);
    expect(samples).toBe(1);
    expect(histograms).toHaveLength(1);
    const [numbers] = (await valuesOf("4", "relu_1")) as [Float32Array];
    const [greatest, mean] = [Math.max(...numbers), numbers.reduce((a, b) => a + b, 0) / numbers.length];
    const bins = new Array<number>(7).fill(0);
    for (const value of numbers) {
      const bin = Math.min(6, Math.floor((7 * value) / greatest));
      bins[bin] = (bins[bin] as number) + 1;
    }
    const [found] = histograms;
    expect(found).toMatchObject({ name: "relu_1", op: "Relu", min: 0, count: numbers.length });
    expect(found.mean).toBeCloseTo(mean, 4);
    expect(found.zeros).toBeCloseTo(numbers.filter((value) => value === 0).length / numbers.length, 12);
    // Engines' last bits may move a number from bin to bin.
    for (const [i, count] of found.counts.entries())
      expect(Math.abs(count - (bins[i] as number))).toBeLessThan(3);
    expect(elementsOf(readFileSync(at("relu.svg"), "utf8")).filter(({ name }) => name === "g")).toHaveLength(
      1,
    );
  });

  test("go over several pictures at once, layer by layer", async () => {
    const { stdout } = await lanewise(
      "inspect",
      model,
      "histograms",
      "--data",
      at("classes"),
      "--limit",
      "5",
    );
    expect(stdout).toMatch(/12 values over 5 pictures\n/);
    expect(stdout.match(/^\w+ +(Conv|Relu|MaxPool|Flatten|Gemm) /gm)).toHaveLength(12);
    const { histograms } = await inspect(model, "histograms", "--data", at("classes"), "--limit", "5");
    for (const { dims } of histograms) expect(dims[0]).toBe(5);
  });
});

describe("what cannot be looked at is refused by name", () => {
  test.each<[readonly string[], RegExp]>([
    [["confusion"], /nothing to look at: give --data/],
    [["embed", "--data", "nowhere"], /nowhere: cannot read: no such file/],
    [["embed", "--data", "digits", "--method", "pca"], /embed has no --method pca; it has tsne, umap/],
    [
      ["embed", "--data", "digits", "--output", "points.png"],
      /--output points\.png: the picture of embed is a \.svg/,
    ],
    [["embed", "--data", "digits", "--layer", "no"], /--layer no: there is no such layer/],
    [["histograms"], /nothing to look at/],
    [["histograms", "--data", "digits", "--image", fileOf("1")], /either --image or --data/],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await lanewise("inspect", model, ...args);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
  });

  test("pictures without a label, or whose class nobody knows", async () => {
    writeFileSync(at("bare.jsonl"), `${JSON.stringify({ image: fileOf("1") })}\n`);
    const bare = await lanewise("inspect", model, "confusion", "--data", at("bare.jsonl"));
    expect(bare.stderr).toMatch(/1\.png has no "label": expected the name or number of its class/);
    const lines = ["ant", "bee"].map((label, i) => JSON.stringify({ image: fileOf(String(i)), label }));
    writeFileSync(at("named.jsonl"), lines.join("\n"));
    const named = await lanewise("inspect", model, "confusion", "--data", at("named.jsonl"));
    expect(named.stderr).toMatch(
      /the data has 2 classes, the network 10: --labels FILE says which of these are ant, bee/,
    );
    const other = await lanewise(
      "inspect",
      model,
      "confusion",
      "--data",
      at("named.jsonl"),
      "--labels",
      at("names.txt"),
    );
    expect(other.stderr).toMatch(/the class ant: the labels have no such class/);
  });
});
