import { describe, expect, test } from "vitest";
import type { ModelOptions, ZooModel } from "../../models/options.ts";
import { zoo } from "../../models/zoo.ts";
import { expectAgreement } from "../nn/run-network.ts";

/** What of a family is tried, and how small: the first that the zoo lists, at an eighth of its width, where nothing else is said. */
const TRIED: Readonly<Record<string, { readonly name?: string; readonly options: ModelOptions }>> = {
  convnext: { options: { size: 64 } },
  detector: { options: { size: 64 } },
  lenet: { options: { width: 1 } },
  polynet: { options: { size: 115 } },
  // Sizes that leave a picture for the last stage, halved from odd and from even ones as the published are.
  "inception-v3": { options: { size: 107 } },
  "inception-v4": { options: { size: 107 } },
  "inception-resnet": { options: { size: 107 } },
  xception: { options: { size: 75 } },
  nasnet: { options: { size: 64 } },
  pnasnet: { options: { size: 75 } },
  amoebanet: { options: { size: 75 } },
  "mobilenet-v1": { options: { size: 64 } },
  "mobilenet-v2": { options: { size: 64 } },
  "mobilenet-v3": { options: { size: 64 } },
  "shufflenet-v2": { options: { size: 64 } },
  efficientnet: { options: { size: 64 } },
  neocognitron: { options: { width: 1 } },
  regnet: { name: "regnet-y-400mf", options: {} },
  // The smallest tile: its output is 4×4.
  unet: { options: { size: 188 } },
  senet: { options: { size: 96 } },
  vit: { name: "vit-b-32", options: { size: 96 } },
};

const families = [...new Set(zoo.map(({ family }) => family))];

describe("a narrow network of each family", () => {
  test("is said of families that there are", () => {
    expect(Object.keys(TRIED).filter((family) => !families.includes(family))).toEqual([]);
  });

  test.each(families)("%s runs as onnxruntime runs its file", async (family) => {
    const { name, options } = TRIED[family] ?? { options: {} };
    const model = zoo.find((one) => one.family === family && (name === undefined || one.name === name));
    expect(model).toBeDefined();
    const network = (model as ZooModel).build({ width: 1 / 8, seed: 7, ...options });
    const outputs = await expectAgreement(network);
    // Seeded weights must not have died out on the way: an output of one number would agree by itself.
    for (const { data } of outputs) expect(new Set(data as Float32Array).size).toBeGreaterThan(1);
  });
});
