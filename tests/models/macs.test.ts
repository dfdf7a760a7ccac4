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
  "inception-v3": 5.713,
  "mobilenet-v2": 0.301,
  "mobilenet-v3-small": 0.057,
  "mobilenet-v3-large": 0.217,
  "shufflenet-v2-x0.5": 0.04,
  "shufflenet-v2-x1.0": 0.145,
  "shufflenet-v2-x1.5": 0.296,
  "shufflenet-v2-x2.0": 0.583,
  "efficientnet-b0": 0.386,
  "efficientnet-b1": 0.687,
  "efficientnet-b2": 1.088,
  "efficientnet-b3": 1.827,
  "efficientnet-b4": 4.394,
  "efficientnet-b5": 10.266,
  "efficientnet-b6": 19.068,
  "efficientnet-b7": 37.746,
  "regnet-x-400mf": 0.414,
  "regnet-x-800mf": 0.8,
  "regnet-x-1.6gf": 1.603,
  "regnet-x-3.2gf": 3.177,
  "regnet-x-8gf": 7.995,
  "regnet-x-16gf": 15.941,
  "regnet-x-32gf": 31.736,
  "regnet-y-400mf": 0.402,
  "regnet-y-800mf": 0.834,
  "regnet-y-1.6gf": 1.612,
  "regnet-y-3.2gf": 3.176,
  "regnet-y-8gf": 8.473,
  "regnet-y-16gf": 15.912,
  "regnet-y-32gf": 32.28,
  "regnet-y-128gf": 127.518,
  "convnext-tiny": 4.456,
  "convnext-small": 8.684,
  "convnext-base": 15.355,
  "convnext-large": 34.361,
  "vit-b-16": 17.564,
  "vit-b-32": 4.409,
  "vit-l-16": 61.555,
  "vit-l-32": 15.378,
  "vit-h-14": 167.295,
};

/** Billions that the papers give for their own networks, to the digits that they give. */
const PAPERS: readonly (readonly [name: string, billions: string, paper: string])[] = [
  ["nasnet-a-mobile", "0.564", "Zoph et al. 2017, arXiv:1707.07012"],
  ["nasnet-a-large", "23.8", "Zoph et al. 2017, arXiv:1707.07012"],
  ["amoebanet-a", "23.1", "Real et al. 2018, arXiv:1802.01548"],
  ["amoebanet-c", "41.1", "Real et al. 2018, arXiv:1802.01548"],
  ["mobilenet-v1", "0.569", "Howard et al. 2017, arXiv:1704.04861"],
];

const billionsOf = (name: string): number => {
  const model = zoo.find((one) => one.name === name) as ZooModel;
  return (summarizeNetwork(model.build({ weights: "counted" })).macs ?? 0) / 1e9;
};

describe("multiply-accumulates of the zoo", () => {
  test.each(Object.entries(TORCHVISION))("%s does %f billion", (name, billions) => {
    expect(Number(billionsOf(name).toFixed(3))).toBe(billions);
  });

  test.each(PAPERS)("%s does %s billion: %s", (name, billions) => {
    expect(billionsOf(name).toFixed(billions.split(".")[1]?.length)).toBe(billions);
  });

  test("PolyNet, most of whose convolutions are gone through three times, does 34.7 (Zoph et al. 2017, arXiv:1707.07012, table 2)", () => {
    expect(billionsOf("polynet").toFixed(1)).toBe("34.7");
  });
});
