import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tensorData } from "../../src/tensor.ts";
import { classifier, lanewise, root, tensorFile, unsupportedModel } from "./lanewise.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-"));
const at = (...names: string[]): string => join(folder, ...names);
const sobel = join(root, "models/sobel.onnx");

beforeAll(() => {
  writeFileSync(at("classifier.onnx"), classifier());
  writeFileSync(at("unsupported.onnx"), unsupportedModel());
  writeFileSync(at("page.onnx"), "<!DOCTYPE html><html></html>");
  writeFileSync(at("cut.onnx"), classifier().subarray(0, 200));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("inspect", () => {
  // 3×3×3 weights and a bias for 8 channels; 8×4 of the Gemm.
  const parameters = 3 * 3 * 3 * 8 + 8 + 8 * 4;
  const macs = (batch: number): number => batch * (16 * 16 * 8 * 3 * 3 * 3 + 8 * 4);

  test("layers, totals and memory, a free batch taken as 1", async () => {
    const { code, stdout } = await lanewise("inspect", at("classifier.onnx"), "--json");
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      model: at("classifier.onnx"),
      opsets: { "ai.onnx": 13 },
      inputs: [{ name: "x", type: "float32", dims: [1, 3, 16, 16] }],
      outputs: [{ name: "y", type: "float32", dims: [1, 4] }],
      assumed: ["x: 1×3×16×16"],
      totals: { layers: 5, parameters, macs: macs(1) },
      unsupported: [],
    });
    expect(result.layers[0]).toEqual({
      name: "conv",
      op: "Conv",
      output: [1, 8, 16, 16],
      parameters: 3 * 3 * 3 * 8 + 8,
      macs: 16 * 16 * 8 * 3 * 3 * 3,
      supported: true,
      receptive_field: [
        { size: 3, stride: 1, start: -1 },
        { size: 3, stride: 1, start: -1 },
      ],
    });
    expect(result.arena_bytes).toBeGreaterThan(0);
    expect(result.weight_bytes).toBeGreaterThanOrEqual(4 * parameters);
  });

  test("--dims, and the table for people", async () => {
    const { stdout } = await lanewise("inspect", at("classifier.onnx"), "--dims", "batch=2");
    expect(stdout).toMatch(/^conv +Conv +\[2, 8, 16, 16\] +3×3 +224 +110,592$/m);
    expect(stdout).toContain(`5 layers, ${parameters} parameters, ${macs(2).toLocaleString("en-US")} MACs`);
    expect(stdout).toMatch(/^arena \d+\.\d\d MB, weights \d+\.\d\d MB$/m);
  });

  test("lists every unsupported node and fails", async () => {
    const { code, stdout } = await lanewise("inspect", at("unsupported.onnx"), "--json");
    expect(code).toBe(1);
    const result = JSON.parse(stdout);
    expect(result.unsupported.map(({ name, op }: { name: string; op: string }) => [name, op])).toEqual([
      ["first", "Frobnicate"],
      ["second", "Blorp"],
    ]);
    expect(result.layers).toMatchObject([{ supported: false }, { supported: true }, { supported: false }]);
    expect(result).toMatchObject({ arena_bytes: null, totals: { macs: null } });
    const shown = await lanewise("inspect", at("unsupported.onnx"));
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/^first +house\.Frobnicate +1 +no such operator/m);
  });
});

describe("verify", () => {
  /** A test of the edge network on one bright pixel, with what is expected in the middle. */
  const writeTest = (name: string, middle: number): void => {
    const set = at("tests", name, "test_data_set_0");
    mkdirSync(set, { recursive: true });
    const blank = (): Float32Array => new Float32Array(25);
    const [pixel, edges] = [blank(), blank()];
    pixel[12] = 0.1;
    const ring = [0.1 * Math.SQRT2, 0.2];
    [6, 7, 8, 11, 13, 16, 17, 18].forEach((index, i) => {
      edges[index] = ring[[0, 1, 0, 1, 1, 0, 1, 0][i] as number] as number;
    });
    edges[12] = middle;
    const dims = [1, 1, 5, 5];
    writeFileSync(join(set, "input_0.pb"), tensorFile(tensorData("float32", dims, pixel)));
    writeFileSync(join(set, "output_0.pb"), tensorFile(tensorData("float32", dims, edges)));
  };
  let model: Uint8Array;

  beforeAll(async () => {
    const { readFile } = await import("node:fs/promises");
    model = await readFile(sobel);
    for (const [name, middle] of [
      ["right", 0],
      ["wrong", 0.5],
      ["noisy", 0.05],
    ] as const) {
      writeTest(name, middle);
      writeFileSync(at("tests", name, "model.onnx"), model);
    }
    writeFileSync(at("tests/noisy/info.json"), JSON.stringify({ maxAbsDiffOptVsNoopt: 0.02 }));
    mkdirSync(at("tests/unknown/test_data_set_0"), { recursive: true });
    writeFileSync(at("tests/unknown/model.onnx"), unsupportedModel());
  });

  test("one line a test, a count, and exit code 1 on a mismatch", async () => {
    const { code, stdout } = await lanewise("verify", at("tests"));
    expect(code).toBe(1);
    expect(stdout.split("\n")).toEqual([
      "passed      noisy",
      "passed      right",
      expect.stringMatching(/^unsupported unknown: 2 unsupported nodes: /),
      "failed      wrong: test_data_set_0/edges[12]: expected 0.5, got 0 (1 of 25 differ, by up to 0.500)",
      "2 passed, 1 failed, 1 unsupported",
      "",
    ]);
  });

  test("--json, unoptimised too", async () => {
    for (const optimize of ["all", "disabled"]) {
      const { code, stdout } = await lanewise("verify", at("tests"), "--optimize", optimize, "--json");
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        passed: 2,
        failed: 1,
        unsupported: 1,
        tests: [
          { name: "noisy", status: "passed" },
          { name: "right", status: "passed" },
          { name: "unknown", status: "unsupported", reason: expect.stringContaining("Frobnicate") },
          { name: "wrong", status: "failed", reason: expect.stringContaining("expected 0.5, got 0") },
        ],
      });
    }
  });

  test("passes, and what decides it", async () => {
    expect(await lanewise("verify", at("tests/right"), at("tests/noisy"))).toMatchObject({
      code: 0,
      stdout: "passed      right\npassed      noisy\n2 passed, 0 failed, 0 unsupported\n",
    });
    expect((await lanewise("verify", at("tests/noisy"), "--no-noise-floor")).code).toBe(1);
    expect((await lanewise("verify", at("tests/wrong"), "--atol", "0.6")).code).toBe(0);
    expect((await lanewise("verify", at("tests/unknown"))).code).toBe(1);
  });

  test("nothing to verify is no success", async () => {
    mkdirSync(at("empty"), { recursive: true });
    expect(await lanewise("verify", at("empty"))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no folder here holds"),
    });
    expect(await lanewise("verify", at("nowhere"))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no such file"),
    });
  });
});

describe("bench", () => {
  const args = ["bench", at("classifier.onnx"), "--runs", "5", "--warmup-ms", "0", "--json"];

  test("times as JSON", async () => {
    const { code, stdout } = await lanewise(...args, "--simd", "plain");
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      model: at("classifier.onnx"),
      simd: "plain",
      threads: 1,
      runs: 5,
      macs: 16 * 16 * 8 * 27 + 32,
    });
    for (const key of [
      "load_ms",
      "first_ms",
      "median_ms",
      "min_ms",
      "p90_ms",
      "gflops",
      "arena_bytes",
      "weight_bytes",
    ]) {
      expect(result[key], key).toBeGreaterThan(0);
    }
    expect(result.min_ms).toBeLessThanOrEqual(result.median_ms);
    expect(result.median_ms).toBeLessThanOrEqual(result.p90_ms);
    expect(result).not.toHaveProperty("steps");
  });

  test("relaxed SIMD where it is asked for, step by step", async () => {
    const { stdout } = await lanewise(...args, "--simd", "relaxed", "--profile");
    const { simd, steps } = JSON.parse(stdout);
    expect(simd).toBe("relaxed");
    expect(steps).toContainEqual({
      node: "conv",
      op: "Conv",
      kernel: expect.stringMatching(/^f32_/),
      ms: expect.any(Number),
    });
    const keys = steps.map(({ node, kernel }: { node: string; kernel: string }) => `${node} ${kernel}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("errors", () => {
  test.each([
    [["run", at("nowhere.onnx"), "--random", "1"], /^lanewise: .*nowhere\.onnx.*no such file/],
    [["run", at("page.onnx"), "--random", "1"], /^lanewise: .*page\.onnx: got HTML instead of an ONNX model/],
    [["inspect", at("cut.onnx")], /^lanewise: .*cut\.onnx: not a valid ONNX file \(200 bytes\)/],
    [
      ["run", at("unsupported.onnx"), "--random", "1"],
      /^lanewise: 2 unsupported nodes: house\.Frobnicate "first".*; Blorp "second"/,
    ],
    [["bench", sobel, "--runs", "none"], /^lanewise: option '--runs <count>' argument 'none' is invalid/],
    [
      ["run", sobel, "--random", "1", "--dims", "depth=3"],
      /^lanewise: --dims depth=3: "depth" is none of image, height, width/,
    ],
    [["frobnicate"], /^lanewise: unknown command 'frobnicate'/],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await lanewise(...args);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("--debug shows the stack, --json says it on stdout too", async () => {
    const { code, stdout, stderr } = await lanewise(
      "run",
      at("page.onnx"),
      "--random",
      "1",
      "--debug",
      "--json",
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^lanewise: ModelError: .*\n +at /);
    expect(JSON.parse(stdout)).toMatchObject({ error: { name: "ModelError", code: "ERR_MODEL" } });
  });

  test("--help and --version succeed", async () => {
    expect(await lanewise("--version")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    expect(await lanewise("run", "--help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("--image <file>"),
    });
  });
});
