import { describe, expect, test } from "vitest";
import { lenet5 } from "../../models/lenet5.ts";
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
