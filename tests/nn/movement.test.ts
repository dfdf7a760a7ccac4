import { describe, expect, test } from "vitest";
import {
  add,
  averagePool2d,
  channelShuffle,
  concat,
  crop2d,
  lpPool2d,
  maxPool2d,
  maxPool2dWithSwitches,
  maxUnpool2d,
  network,
  pad2d,
  pixelShuffle,
  relu,
  reshape,
  slice,
  split,
  transpose,
} from "../../src/nn/index.ts";
import { counting, testLayers, testRefusals, valuesOf } from "./layer-cases.ts";
import { expectAgreement } from "./run-network.ts";

const image = [8, 6, 5];

testLayers([
  { what: "reshape", layer: reshape({ dims: [4, 60] }), input: image, output: [4, 60] },
  { what: "reshape with a rest", layer: reshape({ dims: [12, -1, 4] }), input: image, output: [12, 5, 4] },
  { what: "transpose", layer: transpose({ order: [3, 1, 2] }), input: image, output: [5, 8, 6] },
  { what: "slice", layer: slice({ axis: 2, start: 1, end: -1, step: 2 }), input: image, output: [8, 2, 5] },
  { what: "slice, turned round", layer: slice({ axis: -1, step: -1 }), input: image, output: image },
  { what: "slice of channels", layer: slice({ axis: 1, end: 3 }), input: image, output: [3, 6, 5] },
  { what: "crop2d", layer: crop2d({ height: 1, width: [0, 2] }), input: image, output: [8, 4, 3] },
  {
    what: "split into equal parts",
    layer: (x) => concat(split({ axis: 1, parts: 4 })(x).reverse()),
    input: image,
    output: image,
  },
  {
    what: "split into parts of sizes",
    layer: (x) => {
      const [left, middle, right] = split({ axis: 3, parts: [2, 1, 2] })(x);
      return add([left as never, middle as never, right as never]);
    },
    input: image,
    output: [8, 6, 2],
  },
  { what: "pixelShuffle", layer: pixelShuffle({ factor: 2 }), input: image, output: [2, 12, 10] },
  { what: "channelShuffle", layer: channelShuffle({ groups: 2 }), input: image, output: image },
  { what: "pad2d", layer: pad2d({ height: 1, width: [2, 0] }), input: image, output: [8, 8, 7] },
  {
    what: "pad2d, mirrored",
    layer: pad2d({ height: [5, 1], width: 4, mode: "reflect" }),
    input: image,
    output: [8, 12, 13],
  },
  {
    what: "pad2d, repeated",
    layer: pad2d({ height: 2, width: [0, 3], mode: "edge" }),
    input: image,
    output: [8, 10, 8],
  },
  {
    what: "maxPool2d, ceil",
    layer: maxPool2d({ kernelSize: 2, ceilMode: true }),
    input: image,
    output: [8, 3, 3],
  },
  {
    what: "averagePool2d, ceil",
    layer: averagePool2d({ kernelSize: 3, stride: 2, ceilMode: true }),
    input: image,
    output: [8, 3, 2],
  },
  {
    what: "lpPool2d, ceil",
    layer: lpPool2d({ kernelSize: 2, ceilMode: true }),
    input: image,
    output: [8, 3, 3],
  },
]);

describe("what the definitions say", () => {
  test("movements of counted elements", () => {
    expect(valuesOf(transpose({ order: [2, 1] }), [2, 3], counting(6))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(valuesOf(slice({ axis: 1, step: -2 }), [5], counting(5))).toEqual([4, 2, 0]);
    expect(valuesOf(crop2d({ height: [1, 0], width: [0, 1] }), [1, 2, 3], counting(6))).toEqual([3, 4]);
    expect(valuesOf(pixelShuffle({ factor: 2 }), [4, 1, 2], counting(8))).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect(valuesOf(channelShuffle({ groups: 2 }), [6, 1, 1], counting(6))).toEqual([0, 3, 1, 4, 2, 5]);
    const row = (mode: "zero" | "reflect" | "edge") =>
      valuesOf(pad2d({ width: 2, mode }), [1, 1, 3], [5, 6, 7]);
    expect(row("zero")).toEqual([0, 0, 5, 6, 7, 0, 0]);
    expect(row("reflect")).toEqual([7, 6, 5, 6, 7, 6, 5]);
    expect(row("edge")).toEqual([5, 5, 5, 6, 7, 7, 7]);
  });

  test("in ceil mode the last window is over what is left", () => {
    expect(valuesOf(maxPool2d({ kernelSize: [1, 2], ceilMode: true }), [1, 1, 3], [1, 4, -2])).toEqual([
      4, -2,
    ]);
    const mean = averagePool2d({ kernelSize: [1, 2], ceilMode: true });
    expect(valuesOf(mean, [1, 1, 3], [1, 4, -2])).toEqual([2.5, -2]);
  });

  test("parts are named by their places, and can be outputs", async () => {
    const made = network({ input: [6] }, (x) => split({ name: "halves", axis: 1, parts: 2 })(relu()(x)));
    expect(made.graph.outputs).toEqual(["halves.0", "halves.1"]);
    const parts = await expectAgreement(made, 3);
    expect(parts.map(({ dims }) => dims)).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });
});

describe("what is wrong is said with the layer's name", () => {
  testRefusals([
    [
      "reshape",
      reshape({ dims: [7, -1] }),
      image,
      "reshape: [7,-1] does not hold the 240 elements of [N,8,6,5]",
    ],
    ["reshape, two rests", reshape({ dims: [-1, -1] }), image, "one of them may be -1"],
    [
      "reshape of what is open",
      reshape({ dims: [6] }),
      ["T", 3],
      "reshape: the size of axis 1 must be known",
    ],
    ["transpose", transpose({ order: [1, 2] }), image, "transpose: order must be the axes 1, 2, 3"],
    ["transpose, twice the same", transpose({ order: [1, 1, 2] }), image, "transpose: order must be"],
    ["slice of the batch", slice({ axis: 0 }), image, "slice: axis 0 is none of [N,8,6,5] behind the batch"],
    ["slice, no step", slice({ axis: 1, step: 0 }), image, "slice: step must not be 0"],
    ["slice, nothing", slice({ axis: 1, start: 8 }), image, "slice: nothing of axis 1"],
    ["crop2d", crop2d({ height: 3 }), image, "crop2d: nothing is left of [N,8,6,5]"],
    [
      "split",
      (x) => split({ axis: 1, parts: 3 })(x)[0] as never,
      image,
      "split: axis 1 of [N,8,6,5] does not",
    ],
    ["split, sizes", (x) => split({ axis: 1, parts: [4, 5] })(x)[0] as never, image, "into the parts [4,5]"],
    [
      "pixelShuffle",
      pixelShuffle({ factor: 3 }),
      image,
      "pixelShuffle: 8 maps do not fall into blocks of 3 by 3",
    ],
    [
      "channelShuffle",
      channelShuffle({ groups: 3 }),
      image,
      "channelShuffle: 8 maps do not fall into 3 groups",
    ],
    [
      "pad2d",
      pad2d({ width: 5, mode: "reflect" }),
      image,
      "pad2d: axis 3 of [N,8,6,5] has no 5 pixels to mirror",
    ],
    [
      "pad2d's mode",
      pad2d({ mode: "wrap" as never }),
      image,
      'pad2d: mode must be one of "zero", "reflect", "edge"',
    ],
    [
      "ceilMode",
      maxPool2d({ kernelSize: 2, ceilMode: 1 as never }),
      image,
      "maxPool2d: ceilMode must be true or false",
    ],
    [
      "maxUnpool2d in ceil mode",
      (x) => {
        const options = { kernelSize: 2, ceilMode: true };
        const { output, switches } = maxPool2dWithSwitches(options)(x);
        return maxUnpool2d(options)(output, switches);
      },
      image,
      "maxUnpool2d: a pool in ceil mode cannot be undone",
    ],
  ]);
});
