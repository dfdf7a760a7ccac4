import { describe, expect, test } from "vitest";
import { ALEXNETS, alexnet } from "../../models/alexnet.ts";
import { BITS } from "../../models/bit.ts";
import { DENSENETS } from "../../models/densenet.ts";
import { GOOGLENETS, googlenet } from "../../models/googlenet.ts";
import type { ModelOptions } from "../../models/options.ts";
import { POLYNET } from "../../models/polynet.ts";
import { RESNETS, resnet50 } from "../../models/resnet.ts";
import { RESNEXTS } from "../../models/resnext.ts";
import { SENETS, senet154 } from "../../models/senet.ts";
import { VGGS, vgg11 } from "../../models/vgg.ts";
import { WIDE_RESNET28 } from "../../models/wide-resnet28.ts";
import { ZFNET, zfnet } from "../../models/zfnet.ts";
import { concreteDims, type Dim, type Fact } from "../../src/graph/graph.ts";
import type { Network } from "../../src/nn/index.ts";
import { propagateFacts } from "../../src/passes/propagate-facts.ts";
import { parameterCount } from "../nn/run-network.ts";

const COUNTED: ModelOptions = { weights: "counted" };

/** The dims of a value by its name, without the batch. */
function dimsOf({ graph }: Network): (name: string) => readonly Dim[] {
  const { facts } = propagateFacts(graph);
  return (name) => {
    const fact = facts.get(name);
    expect(fact?.dims, name).toBeDefined();
    return (fact as Fact).dims?.slice(1) ?? [];
  };
}

const rowsOf = (network: Network, names: readonly string[]): unknown[] =>
  names.map(dimsOf(network)).map(([, rows]) => rows);

/** Networks that end in logits of classes, and are as wide as one likes. */
const CLASSIFIERS = [
  ...ALEXNETS,
  ...ZFNET,
  ...VGGS,
  ...GOOGLENETS,
  ...RESNETS,
  ...WIDE_RESNET28,
  ...RESNEXTS,
  ...SENETS,
  ...DENSENETS,
  ...POLYNET,
  ...BITS,
];

describe("sizes on the way", () => {
  test("of ZFNet are those of the paper's figure 3", () => {
    const network = zfnet(COUNTED);
    expect(rowsOf(network, ["conv1", "pool1", "conv2", "pool2", "conv5", "pool5"])).toEqual([
      110, 55, 26, 13, 13, 6,
    ]);
  });

  test("of GoogLeNet are those of the paper's table 1, whose pools round up", () => {
    const network = googlenet(COUNTED);
    expect(rowsOf(network, ["conv1", "pool1", "pool2", "pool3", "pool4"])).toEqual([112, 56, 28, 14, 7]);
    expect(dimsOf(network)("inception5b")).toEqual([1024, 7, 7]);
  });

  test("of SENet-154: its first pool rounds up where it has no padding", () => {
    expect(rowsOf(senet154(COUNTED), ["stem.c", "stem.pool", "stage4.block3"])).toEqual([112, 56, 7]);
  });

  test("of ResNet-50: the stride is the 3×3's", () => {
    const dims = dimsOf(resnet50(COUNTED));
    expect(dims("stage2.block1.a")).toEqual([128, 56, 56]);
    expect(dims("stage2.block1.b")).toEqual([128, 28, 28]);
  });
});

describe("a network of the zoo", () => {
  test("has parameters with names that say where they are", () => {
    const { graph, trainable } = resnet50(COUNTED);
    expect(trainable).toContain("stage1.block2.b.conv.weight");
    expect(concreteDims(graph.facts.get("stage1.block2.b.conv.weight") as Fact)).toEqual([64, 64, 3, 3]);
    expect(trainable).toContain("stage4.block1.shortcut.norm.gain");
    expect(trainable).toContain("output.bias");
  });

  test.each([
    ["alexnet", alexnet],
    ["vgg11", vgg11],
  ])("%s has the same weights for any image", (_, build) => {
    expect(parameterCount(build({ ...COUNTED, size: 100 }))).toBe(parameterCount(build(COUNTED)));
  });

  test("says which layer an image is too small for", () => {
    expect(() => alexnet({ ...COUNTED, size: 20 })).toThrow(/pool/);
  });

  test.each(CLASSIFIERS.map((model) => [model.name, model] as const))(
    "%s becomes smaller with its width, and takes other classes",
    (_, { build }) => {
      const narrow = build({ ...COUNTED, width: 1 / 8, classes: 7 });
      expect(parameterCount(narrow)).toBeLessThan(parameterCount(build(COUNTED)) / 8);
      expect(narrow.graph.outputs.map(dimsOf(narrow))).toEqual([[7]]);
    },
  );
});
