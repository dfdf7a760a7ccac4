import { describe, expect, test } from "vitest";
import { digitBitmaps } from "../../models/digit-bitmaps.ts";
import { C3_CONNECTIONS, lenet5, lenet5Of1998 } from "../../models/lenet5.ts";
import { mlp } from "../../models/mlp.ts";
import { resnet20 } from "../../models/resnet20.ts";
import type { TensorData } from "../../src/tensor.ts";
import { expectAgreement, layerParameters, parameterCount } from "./run-network.ts";

describe("lenet5", () => {
  test("has the 61,706 parameters of the usual variant", () => {
    const network = lenet5();
    const layers = ["c1", "c3", "c5", "f6", "output"];
    expect(layers.map((layer) => layerParameters(network, layer))).toEqual([156, 2416, 48120, 10164, 850]);
    expect(parameterCount(network)).toBe(61_706);
  });

  test("runs as onnxruntime runs its file", async () => {
    const [logits] = await expectAgreement(lenet5({ seed: 3 }), 3);
    expect(logits?.dims).toEqual([3, 10]);
  });
});

describe("lenet5Of1998", () => {
  test("has the published parameters", () => {
    const network = lenet5Of1998();
    const layers = ["c1", "s2", "c3", "s4", "c5", "f6", "output"];
    expect(layers.map((layer) => layerParameters(network, layer))).toEqual([
      156, 12, 1516, 32, 48120, 10164, 0,
    ]);
    expect(parameterCount(network)).toBe(60_000);
    expect(network.graph.facts.get("output.centers")?.dims).toEqual([10, 84]);
  });

  test("C3 reads S2 as table I has it: every map of S2 reaches ten of C3", () => {
    expect(C3_CONNECTIONS.flat()).toHaveLength(60);
    for (let map = 0; map < 6; map++)
      expect(C3_CONNECTIONS.filter((maps) => maps.includes(map))).toHaveLength(10);
  });

  test("the bitmaps are ten different ones of 84 pixels", () => {
    expect(digitBitmaps.map((bitmap) => bitmap.length)).toEqual(Array(10).fill(84));
    expect(new Set(digitBitmaps.map((bitmap) => bitmap.join())).size).toBe(10);
    expect(new Set(digitBitmaps.flat())).toEqual(new Set([1, -1]));
  });

  test("runs as onnxruntime runs its file", async () => {
    const [scores] = await expectAgreement(lenet5Of1998({ seed: 5 }), 3);
    expect(scores?.dims).toEqual([3, 10]);
    expect(Math.max(...Array.from((scores as TensorData).data as Float32Array))).toBeLessThan(0);
  });
});

describe("resnet20", () => {
  test("has 269,722 parameters and running statistics that are none", () => {
    const network = resnet20();
    expect(parameterCount(network)).toBe(269_722);
    expect(layerParameters(network, "stage2.block1.a")).toBe(32 * 16 * 9 + 2 * 32);
    expect(network.graph.facts.has("stem.norm.mean")).toBe(true);
    expect([...network.trainable].filter((name) => /mean|variance/.test(name))).toEqual([]);
  });

  test("runs as onnxruntime runs its file", async () => {
    const [logits] = await expectAgreement(resnet20({ classes: 7 }), 2);
    expect(logits?.dims).toEqual([2, 7]);
  });
});

test("mlp has 266,610 parameters and runs", async () => {
  expect(parameterCount(mlp())).toBe(266_610);
  const [logits] = await expectAgreement(mlp(), 2);
  expect(logits?.dims).toEqual([2, 10]);
});
