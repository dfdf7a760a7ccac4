import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { InferenceSession as OrtSession, Tensor as OrtTensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodePng } from "../../src/cli/image-file.ts";
import { parseAugment } from "../../src/cli/training-flags.ts";
import { InferenceSession } from "../../src/session.ts";
import { Tensor } from "../../src/tensor.ts";
import { digit } from "../../src/train/data/digits.ts";
import { networkFromModel } from "../../src/train/model-network.ts";
import { difference } from "../support/compare.ts";
import { random } from "../support/random.ts";
import { classifier, lanewise, root } from "./lanewise.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-train-"));
const at = (...names: string[]): string => join(folder, ...names);
const QUICK = ["--data", "digits", "--limit", "192", "--batch-size", "32"];

/** A digit as a grey PNG of 20×20. */
function picture(value: number, key: number): Uint8Array {
  const ink = digit(value, key, 20);
  const data = new Uint8Array(ink.length * 4);
  ink.forEach((level, i) => {
    data.set([level * 255, level * 255, level * 255, 255], i * 4);
  });
  return encodePng({ data, width: 20, height: 20 });
}

function pictures(path: string, classes: readonly number[], count: number, key: number): void {
  for (const value of classes) {
    mkdirSync(join(path, `digit-${value}`), { recursive: true });
    for (let i = 0; i < count; i++)
      writeFileSync(join(path, `digit-${value}`, `${i}.png`), picture(value, key + i));
  }
}

/** An IDX file of bytes. */
function idx(dims: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dims.length + data.length);
  bytes.set([0, 0, 8, dims.length]);
  dims.forEach((dim, i) => {
    new DataView(bytes.buffer).setUint32(4 + 4 * i, dim);
  });
  bytes.set(data, 4 + 4 * dims.length);
  return bytes;
}

beforeAll(() => {
  pictures(at("pictures", "train"), [0, 1, 4], 24, 100);
  pictures(at("pictures", "test"), [0, 1, 4], 5, 900);
  pictures(at("ten"), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2, 5);
  mkdirSync(at("mnist"));
  for (const [name, count] of [
    ["train", 40],
    ["t10k", 10],
  ] as const) {
    const images = Uint8Array.from({ length: count * 784 }, (_, i) => (i * 31) % 256);
    writeFileSync(at("mnist", `${name}-images-idx3-ubyte.gz`), gzipSync(idx([count, 28, 28], images)));
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    writeFileSync(at("mnist", `${name}-labels-idx1-ubyte`), idx([count], labels));
  }
  writeFileSync(at("classifier.onnx"), classifier());
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Own outputs of a model and onnxruntime's, for a random batch; undefined where they agree. */
async function disagreement(path: string, dims: readonly number[]): Promise<string | undefined> {
  const bytes = new Uint8Array(readFileSync(path));
  const x = random(4).tensor("float32", dims);
  const session = await InferenceSession.create(bytes);
  const [input, output] = [session.inputNames[0] as string, session.outputNames[0] as string];
  const own = await session.run({ [input]: new Tensor("float32", x.data, x.dims) });
  const peer = await OrtSession.create(bytes);
  const other = await peer.run({ [input]: new OrtTensor("float32", x.data, x.dims) });
  const [got, wanted] = [own[output], other[output]].map((value) => ({
    dtype: "float32" as const,
    dims: value?.dims as number[],
    data: value?.data as Float32Array<ArrayBuffer>,
  })) as [never, never];
  return difference(got, wanted);
}

describe("train", () => {
  test("learns the digits, and writes model, curves and log", { timeout: 30_000 }, async () => {
    const outputs = ["--out", at("lenet5.onnx"), "--curves", at("curves.svg"), "--log", at("log.jsonl")];
    const args = [
      "train",
      "lenet5",
      "--data",
      "digits",
      "--limit",
      "640",
      "--epochs",
      "6",
      "--validation",
      "0.1",
    ];
    const { code, stdout, stderr } = await lanewise(...args, ...outputs, "--augment", "shift=1", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      network: "lenet5",
      samples: { train: 576, validation: 64, test: 128 },
      steps: 54,
      interrupted: false,
    });
    const losses = result.epochs.map(({ training }: { training: { loss: number } }) => training.loss);
    expect(losses).toHaveLength(6);
    expect(losses[0]).toBeGreaterThan(2);
    expect(losses.at(-1)).toBeLessThan(1.5);
    const accuracies = result.epochs.map(
      ({ validation }: { validation: { accuracy: number } }) => validation.accuracy,
    );
    expect(accuracies[result.best_epoch - 1]).toBe(Math.max(...accuracies));
    expect(result.test.accuracy).toBeGreaterThan(0.5);
    expect(await disagreement(at("lenet5.onnx"), [3, 1, 28, 28])).toBeUndefined();
    const log = readFileSync(at("log.jsonl"), "utf8").trim().split("\n");
    expect(log.map((entry) => JSON.parse(entry))).toEqual(result.epochs);
    expect(readFileSync(at("curves.svg"), "utf8")).toMatch(/^<svg [\s\S]*validation loss/);
  });

  test("resumes bit for bit, with the best weights of before", { timeout: 30_000 }, async () => {
    const run = (name: string, epochs: string, ...more: string[]) =>
      lanewise(
        ...["train", "lenet5", ...QUICK, "--validation", "0.2", "--seed", "5", "--epochs", epochs],
        ...[
          "--out",
          at(`${name}.onnx`),
          "--checkpoint",
          at(`${name}.checkpoint`),
          "--log",
          at(`${name}.jsonl`),
        ],
        ...more,
      );
    expect((await run("whole", "4")).code).toBe(0);
    expect((await run("part", "2")).code).toBe(0);
    const second = await run("part", "4", "--resume", at("part.checkpoint"));
    expect([second.code, second.stderr]).toEqual([0, ""]);
    for (const suffix of [".onnx", ".checkpoint", ".checkpoint.best"])
      expect(readFileSync(at(`part${suffix}`)).equals(readFileSync(at(`whole${suffix}`)))).toBe(true);
    const epochs = readFileSync(at("part.jsonl"), "utf8").trim().split("\n");
    expect(epochs.map((entry) => JSON.parse(entry).epoch)).toEqual([1, 2, 3, 4]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("stops after a batch on Ctrl-C, and goes on from there to the same weights", {
    timeout: 60_000,
  }, async () => {
    const args = [
      "train",
      "lenet5",
      "--data",
      "digits",
      "--limit",
      "320",
      "--batch-size",
      "8",
      "--epochs",
      "20",
    ];
    const [log, checkpoint] = [at("stopped.jsonl"), at("stopped.checkpoint")];
    const child = spawn(process.execPath, [
      `${root}dist/cli.js`,
      ...args,
      "--checkpoint",
      checkpoint,
      "--log",
      log,
    ]);
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    let stdout = "";
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    const poll = setInterval(() => {
      if (!existsSync(log) || !readFileSync(log, "utf8").includes("\n")) return;
      clearInterval(poll);
      child.kill("SIGINT");
    }, 2);
    expect(await ended).toBe(130);
    clearInterval(poll);
    expect(stdout).toMatch(/stopped; go on with --resume/);
    const whole = await lanewise(...args, "--checkpoint", at("through.checkpoint"));
    expect(whole.code).toBe(0);
    const rest = await lanewise(...args, "--checkpoint", checkpoint, "--resume", checkpoint);
    expect([rest.code, rest.stderr]).toEqual([0, ""]);
    expect(readFileSync(checkpoint).equals(readFileSync(at("through.checkpoint")))).toBe(true);
  });

  test("takes MNIST's files and pictures in folders", { timeout: 30_000 }, async () => {
    const idxRun = await lanewise("train", "lenet5", "--data", at("mnist"), "--epochs", "1", "--json");
    expect(JSON.parse(idxRun.stdout).samples).toEqual({ train: 40, validation: 0, test: 10 });
    const folders = await lanewise("train", "lenet5", "--data", at("ten"), "--epochs", "1", "--json");
    expect(JSON.parse(folders.stdout)).toMatchObject({
      samples: { train: 20, validation: 0, test: 0 },
      classes: expect.arrayContaining(["digit-0", "digit-9"]),
    });
  });

  test.each([
    ["a network nobody has", ["vgg", ...QUICK], /there is no network "vgg": expected lenet5/],
    ["no data", ["lenet5"], /required option '--data <where>' not specified/],
    [
      "a folder that is not there",
      ["lenet5", "--data", "nowhere"],
      /nowhere: cannot read: no such file or directory/,
    ],
    [
      "a folder without pictures",
      ["lenet5", "--data", "bench/kernels/shapes"],
      /shapes: no class: expected a folder of PNG or JPEG/,
    ],
    [
      "classes that do not match",
      ["lenet5", "--data", at("pictures")],
      /has 3 classes, lenet5 tells 10 apart/,
    ],
    [
      "momentum for Adam",
      ["lenet5", ...QUICK, "--optimizer", "adam", "--momentum", "0.9"],
      /--momentum is for sgd/,
    ],
    [
      "an unknown distortion",
      ["lenet5", ...QUICK, "--augment", "twist=2"],
      /"twist=2": expected shift=PIXELS/,
    ],
    ["a share of one", ["lenet5", ...QUICK, "--validation", "1"], /at least 0 and below 1/],
    [
      "a folder to write to that is missing",
      ["lenet5", ...QUICK, "--out", "no/such/model.onnx"],
      /there is no folder no\/such/,
    ],
    [
      "a checkpoint that is none",
      ["lenet5", ...QUICK, "--resume", at("mnist", "t10k-labels-idx1-ubyte")],
      /t10k-labels-idx1-ubyte: .*no checkpoint/,
    ],
    ["a step too far", ["lenet5", ...QUICK, "--learning-rate", "1e30"], /the loss is .* at update \d+ \(/],
  ])("refuses %s in one line", async (_, args, message) => {
    const { code, stderr } = await lanewise("train", ...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).not.toMatch(/unexpected/);
  });

  test("writes no model that ran away with its last update", async () => {
    const args = ["--data", "digits", "--limit", "32", "--epochs", "1", "--learning-rate", "1e30"];
    const { code, stderr } = await lanewise("train", "lenet5", ...args, "--out", at("wild.onnx"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/the loss on the test set is NaN after update 1: try a smaller --learning-rate/);
    expect(existsSync(at("wild.onnx"))).toBe(false);
  });

  test("tells which IDX file is missing", async () => {
    mkdirSync(at("half"));
    writeFileSync(at("half", "train-images-idx3-ubyte"), idx([1, 28, 28], new Uint8Array(784)));
    const { stderr } = await lanewise("train", "lenet5", "--data", at("half"));
    expect(stderr).toMatch(/there is no train-labels-idx1-ubyte, gzipped or not/);
  });
});

describe("finetune", () => {
  const base = ["finetune", at("classifier.onnx"), "--data", at("pictures"), "--batch-size", "8"];

  test("gives a model a new head, the rest untouched", { timeout: 30_000 }, async () => {
    const { code, stdout, stderr } = await lanewise(
      ...base,
      ...[
        "--cut",
        "relu",
        "--hidden",
        "16",
        "--epochs",
        "60",
        "--learning-rate",
        "0.1",
        "--out",
        at("tuned.onnx"),
      ],
      "--json",
    );
    expect([code, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      samples: { train: 72, validation: 0, test: 15 },
      classes: ["digit-0", "digit-1", "digit-4"],
    });
    const losses = result.epochs.map(({ training }: { training: { loss: number } }) => training.loss);
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]);
    expect(await disagreement(at("tuned.onnx"), [2, 3, 16, 16])).toBeUndefined();
    const image = await lanewise("run", at("tuned.onnx"), "--image", at("ten", "digit-1", "0.png"), "--json");
    expect(JSON.parse(image.stdout).outputs[0].dims).toEqual([1, 3]);
  });

  test("trains more layers than the head, each at its rate, on pictures of another size", {
    timeout: 60_000,
  }, async () => {
    const more = [
      "--input-size",
      "20",
      "--train-from",
      "x",
      "--rates",
      "head.*=1,w=0,*=0.1",
      "--sam",
      "0.05",
    ];
    const { code, stdout, stderr } = await lanewise(
      ...base,
      ...["--cut", "relu", ...more, "--epochs", "12", "--learning-rate", "0.02"],
      ...["--out", at("more.onnx"), "--json"],
    );
    expect([code, stderr]).toEqual([0, ""]);
    const { epochs } = JSON.parse(stdout);
    expect(epochs.at(-1).training.loss).toBeLessThan(epochs[0].training.loss);
    expect(await disagreement(at("more.onnx"), [2, 3, 20, 20])).toBeUndefined();
    const weights = (bytes: Uint8Array) => networkFromModel(bytes).graph.facts;
    const [before, after] = [
      weights(readFileSync(at("classifier.onnx"))),
      weights(readFileSync(at("more.onnx"))),
    ];
    expect(after.get("w")?.data?.data).toEqual(before.get("w")?.data?.data);
    expect(after.get("b")?.data?.data).not.toEqual(before.get("b")?.data?.data);
  });

  test.each([
    ["layers from a value that is not there", ["--cut", "relu", "--train-from", "no"], /"no" is not there/],
    [
      "a rate for no weight",
      ["--cut", "relu", "--rates", "tail=1"],
      /"tail" is the name of no weight that trains/,
    ],
    ["a rate that is none", ["--cut", "relu", "--rates", "head.*"], /expected NAME=FACTOR/],
    [
      "a value that is not there",
      ["--cut", "nowhere"],
      /"nowhere" is not there; the last ones are conv, relu/,
    ],
    ["no cut", [], /required option '--cut <value>' not specified/],
    ["hidden layers without units", ["--cut", "relu", "--hidden", "0"], /Expected whole numbers/],
  ])("refuses %s in one line", async (_, args, message) => {
    const { code, stderr } = await lanewise(...base, ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

test("--augment is read part by part", () => {
  expect(parseAugment("shift=2,rotate=15,scale=0.15,shear=0.2,elastic=34:4,flip")).toEqual({
    shift: 2,
    rotate: 15,
    scale: 0.15,
    shear: 0.2,
    elastic: { alpha: 34, sigma: 4 },
    flip: true,
  });
  for (const wrong of ["", "shift", "shift=-1", "shift=1,shift=2", "elastic=34", "flip=1", "toString=1"])
    expect(() => parseAugment(wrong)).toThrow(/expected shift=PIXELS/);
});
