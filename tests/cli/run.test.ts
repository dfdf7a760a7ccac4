import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage, encodePng } from "../../src/cli/image-file.ts";
import { decodeNpy, encodeNpy } from "../../src/cli/npy.ts";
import { tensorData } from "../../src/tensor.ts";
import { dataPath } from "../support/data.ts";
import { random } from "../support/random.ts";
import { classifier, lanewise, root, tensorFile } from "./lanewise.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-"));
const at = (name: string): string => join(folder, name);
let server: Server;
let address = "";

beforeAll(async () => {
  writeFileSync(at("classifier.onnx"), classifier());
  writeFileSync(at("labels.txt"), "one\ntwo\nthree\nfour\n");
  const data = Uint8Array.from({ length: 24 * 16 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
  writeFileSync(at("picture.png"), encodePng({ data, width: 24, height: 16 }));
  server = createServer((request, response) => {
    if (request.url === "/classifier.onnx") response.end(classifier());
    else response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><p>not here</p>");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe("run --image", () => {
  test("ranks classes, with labels", async () => {
    const args = [
      "run",
      at("classifier.onnx"),
      "--image",
      at("picture.png"),
      "--labels",
      at("labels.txt"),
      "--top",
      "3",
    ];
    const { code, stdout, stderr } = await lanewise(...args, "--json");
    expect(stderr).toBe("");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      model: at("classifier.onnx"),
      ms: expect.any(Number),
      preset: "imagenet",
      outputs: [{ name: "y", type: "float32", dims: [1, 4] }],
    });
    expect(result.top).toHaveLength(3);
    const scores = result.top.map(({ score }: { score: number }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const { index, label } of result.top) expect(label).toBe(["one", "two", "three", "four"][index]);
    expect(code).toBe(0);
    const table = (await lanewise(...args)).stdout;
    expect(table).toContain("preset imagenet");
    expect(table).toMatch(/1 +\d +(one|two|three|four)/);
  });

  test("several pictures: a line for each with the best classes and the time", async () => {
    const images = ["--image", at("picture.png"), "--image", join(root, "models/lighthouse.png")];
    const args = ["run", at("classifier.onnx"), ...images, "--top", "2"];
    const { code, stdout } = await lanewise(...args, "--json");
    expect(code).toBe(0);
    const { pictures } = JSON.parse(stdout);
    expect(pictures.map(({ image }: { image: string }) => image)).toEqual([images[1], images[3]]);
    const alone = JSON.parse(
      (await lanewise("run", at("classifier.onnx"), "--image", images[3] as string, "--json")).stdout,
    );
    expect(pictures[1].top).toEqual(alone.top.slice(0, 2));
    expect((await lanewise(...args)).stdout).toMatch(
      /lighthouse\.png +[\d.]+ ms +\d \([\d.]+ %\) +\d \([\d.]+ %\)\n/,
    );
    const mixed = await lanewise(...args, "--output", at("out"));
    expect([mixed.code, mixed.stderr]).toEqual([
      1,
      "lanewise: several --image go without --input, --random and --output\n",
    ]);
    const edges = await lanewise("run", join(root, "models/sobel.onnx"), ...images);
    expect(edges.stderr).toMatch(/gives no class scores: run it on one --image at a time/);
  });

  test("takes the model from a URL", async () => {
    const args = ["--image", at("picture.png"), "--json"];
    const local = JSON.parse((await lanewise("run", at("classifier.onnx"), ...args)).stdout);
    const remote = JSON.parse((await lanewise("run", `${address}/classifier.onnx`, ...args)).stdout);
    expect(remote.top).toEqual(local.top);
    const missing = await lanewise("run", `${address}/other.onnx`, ...args);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toBe(
      `lanewise: got HTML from ${address}/other.onnx: the address does not lead to the file\n`,
    );
  });

  test("writes a picture of the picture's own size where the model gives one back", async () => {
    const args = ["run", join(root, "models/sobel.onnx"), "--image", at("picture.png")];
    const { code } = await lanewise(...args, "--output", at("edges.png"));
    expect(code).toBe(0);
    const image = decodeImage(readFileSync(at("edges.png")), "edges.png");
    expect([image.width, image.height]).toEqual([24, 16]);
    const { files } = JSON.parse((await lanewise(...args, "--output", at("edges"), "--json")).stdout);
    expect(files).toEqual([at("edges/edges.npy"), at("edges/edges.png")]);
    expect(decodeNpy(readFileSync(files[0])).dims).toEqual([1, 1, 16, 24]);
  });

  test("ImageNet classes of a photo", async (context) => {
    const model = dataPath(context, "models/mobilenetv2_fp32_dequant/model.onnx");
    const image = dataPath(context, "images/imagenet_samples/n02391049_zebra.JPEG");
    const labels = dataPath(context, "labels/imagenet-simple-labels.json");
    const { stdout } = await lanewise("run", model, "--image", image, "--labels", labels, "--json");
    expect(JSON.parse(stdout).top[0]).toMatchObject({ index: 340, label: "zebra" });
  });
});

describe("run --input", () => {
  const tensor = random(7).tensor("float32", [2, 3, 16, 16]);

  test("npy and pb in, npy out", async () => {
    writeFileSync(at("x.npy"), encodeNpy(tensor));
    writeFileSync(at("x.pb"), tensorFile(tensor));
    const results = [];
    for (const file of ["x.npy", "x.pb"]) {
      const output = at(`out-${file}`);
      const { code, stdout } = await lanewise(
        "run",
        at("classifier.onnx"),
        "--input",
        `x=${at(file)}`,
        "--output",
        output,
        "--json",
      );
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        outputs: [{ name: "y", type: "float32", dims: [2, 4] }],
        top: [],
      });
      results.push(decodeNpy(readFileSync(join(output, "y.npy"))));
    }
    expect(results[0]).toEqual(results[1]);
    expect(results[0]?.dims).toEqual([2, 4]);
  });

  test("random input is the same for the same seed", async () => {
    const outcome = async (seed: string, name: string) => {
      const args = ["--random", seed, "--dims", "batch=3", "--output", at(name), "--json"];
      expect((await lanewise("run", at("classifier.onnx"), ...args)).code).toBe(0);
      return decodeNpy(readFileSync(join(at(name), "y.npy")));
    };
    const first = await outcome("5", "a");
    expect(first.dims).toEqual([3, 4]);
    expect(await outcome("5", "b")).toEqual(first);
    expect(await outcome("6", "c")).not.toEqual(first);
  });

  test("what does not suit the model", async () => {
    writeFileSync(at("small.npy"), encodeNpy(tensorData("float32", [1, 3], new Float32Array(3))));
    const run = (...args: string[]) => lanewise("run", at("classifier.onnx"), ...args);
    expect(await run("--input", `x=${at("small.npy")}`)).toMatchObject({
      code: 1,
      stderr: 'lanewise: "x": expected dims [batch, 3, 16, 16] of rank 4, got [1, 3]\n',
    });
    const unknown = await run("--input", `nobody=${at("small.npy")}`);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('"nobody": the model has no such input; it has x');
    writeFileSync(at("bad.npy"), "no npy");
    expect((await run("--input", `x=${at("bad.npy")}`)).stderr).toBe(
      `lanewise: ${at("bad.npy")}: is not a .npy file\n`,
    );
    expect((await run("--image", at("labels.txt"))).stderr).toContain("is not an image");
    expect((await run()).stderr).toContain("nothing to run on");
  });
});
