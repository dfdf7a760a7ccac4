import { describe, expect, test } from "vitest";
import type { ZooModel } from "../../models/options.ts";
import { zoo } from "../../models/zoo.ts";
import { summarizeNetwork } from "../../src/inspect/index.ts";

/**
 * Billions of multiply-accumulates for one image of the published size: `_ops` beside torchvision's weights. Strides, padding and
 * pools that round up, which parameters know nothing of, all change them.
 */
const TORCHVISION: Readonly<Record<string, number>> = {
  alexnet: 0.714,
  vgg11: 7.609,
  "vgg11-bn": 7.609,
  vgg13: 11.308,
  "vgg13-bn": 11.308,
  vgg16: 15.47,
  "vgg16-bn": 15.47,
  vgg19: 19.632,
  "vgg19-bn": 19.632,
  googlenet: 1.498,
  resnet18: 1.814,
  resnet34: 3.664,
  resnet50: 4.089,
  resnet101: 7.801,
  resnet152: 11.514,
  "wide-resnet50-2": 11.398,
  "wide-resnet101-2": 22.753,
  "resnext50-32x4d": 4.23,
  "resnext101-32x8d": 16.414,
  "resnext101-64x4d": 15.46,
  densenet121: 2.834,
  densenet161: 7.728,
  densenet169: 3.36,
  densenet201: 4.291,
};

const billionsOf = (name: string): number => {
  const model = zoo.find((one) => one.name === name) as ZooModel;
  return (summarizeNetwork(model.build({ weights: "counted" })).macs ?? 0) / 1e9;
};

describe("multiply-accumulates of the zoo", () => {
  test.each(Object.entries(TORCHVISION))("%s does %f billion", (name, billions) => {
    expect(Number(billionsOf(name).toFixed(3))).toBe(billions);
  });

  test("PolyNet, most of whose convolutions are gone through three times, does 34.7 (Zoph et al. 2017, arXiv:1707.07012, table 2)", () => {
    expect(billionsOf("polynet").toFixed(1)).toBe("34.7");
  });
});
