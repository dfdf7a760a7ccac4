import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { resnet20 } from "../../models/resnet20.ts";
import { zoo } from "../../models/zoo.ts";
import { exportNetwork } from "../../src/train/index.ts";
import { difference } from "../support/compare.ts";
import { random } from "../support/random.ts";
import { runReference } from "../support/reference.ts";
import { lanewise } from "./lanewise.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-models-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const models = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await lanewise("models", ...args);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout;
};

describe("lanewise models", () => {
  test("says of networks what they are and take", async () => {
    const [found] = JSON.parse(await models("resnet20", "--batch", "2", "--json"));
    const { published, paper } = zoo.find(({ name }) => name === "resnet20") as (typeof zoo)[number];
    expect(found).toMatchObject({
      name: "resnet20",
      input: [3, 32, 32],
      parameters: 269_722,
      paper,
      published,
    });
    // 31 convolutions and a dense layer, by hand: stem 442,368, stages 3 · 14,155,776 less what strides save, output 640.
    const stage = 6 * 9 * 16 * 16 * 32 * 32;
    const saved = (9 * 16 * 16 * 32 * 32) / 2;
    expect(found.macs).toBe(2 * (9 * 3 * 16 * 32 * 32 + 3 * stage - 2 * saved + 640));
    expect(found.memory.weightBytes).toBeGreaterThan(4 * 269_722);
  });

  test("in a table, with the counts that others give", async () => {
    const lines = (await models("lenet5")).split("\n");
    expect(lines[0]).toMatch(/^network +input +parameters +MACs +arena +weights$/);
    expect(lines[2]).toMatch(/^lenet5 +1×28×28 +61,706 +417 k +[\d.]+ kB +251 kB$/);
    expect(lines.at(-2)).toContain("61,706 by lecture C");
  });

  test("by family, and all of them", async () => {
    const family = JSON.parse(await models("--family", "lenet", "--json"));
    expect(family.map(({ name }: { name: string }) => name)).toEqual(["lenet5", "lenet5-1998"]);
  });

  test("writes one as ONNX, with the weights of its seed", async () => {
    const path = at("resnet20.onnx");
    await models("resnet20", "--export", path, "--seed", "9", "--width", "0.5", "--classes", "7");
    const expected = exportNetwork(resnet20({ seed: 9, width: 1 / 2, classes: 7 }));
    expect(readFileSync(path).equals(expected)).toBe(true);
  });

  test("writes weights beside it, as onnxruntime reads them", async () => {
    const path = at("beside.onnx");
    const said = await models("resnet20", "--export", path, "--seed", "9", "--external-data", "--json");
    expect(JSON.parse(said).files).toEqual([path, `${path}.data`]);
    expect(existsSync(`${path}.data`)).toBe(true);
    const x = random(1).tensor("float32", [1, 3, 32, 32]);
    const [beside, whole] = await Promise.all([
      runReference(path, { x }),
      runReference(exportNetwork(resnet20({ seed: 9 })), { x }),
    ]);
    for (const [name, tensor] of Object.entries(whole))
      expect(difference(beside[name] as typeof tensor, tensor)).toBeUndefined();
  });

  test.each([
    [["resnet51"], /there is no network "resnet51"; there are lenet5, /],
    [["--family", "vgg20"], /there is no family "vgg20"/],
    [["lenet5", "resnet20", "--export", at("two.onnx")], /one network, not 2/],
    [["lenet5", "--export", at("lenet5.txt")], /an ONNX file ends in .onnx/],
    [["lenet5", "--export", at("missing/lenet5.onnx")], /there is no folder/],
    [["lenet5-1998", "--width", "0.5"], /lenet5-1998 is made as published, without width/],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await lanewise("models", ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});
