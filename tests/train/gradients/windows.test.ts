import { describe, test } from "vitest";
import { checkGradients, type Given, type GradientCase, ints } from "./harness.ts";
import { named } from "./named.ts";

const conv = (x: readonly number[], w: readonly number[], attributes: object = {}): GradientCase => ({
  op: "Conv",
  inputs: [{ dims: x }, { dims: w }, { dims: [w[0] as number] }],
  attributes: { ...attributes },
});

const CONVOLUTIONS: readonly GradientCase[] = [
  conv([2, 3, 6, 7], [4, 3, 3, 3]),
  conv([2, 3, 6, 7], [4, 3, 3, 2], { pads: [1, 0, 2, 1], strides: [2, 3] }),
  conv([2, 3, 7, 8], [4, 3, 3, 3], { dilations: [2, 1], strides: [1, 2], pads: [2, 1, 0, 3] }),
  conv([2, 4, 6, 5], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
  conv([2, 4, 6, 5], [4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1], strides: [2, 2] }),
  conv([2, 4, 6, 5], [8, 1, 2, 3], { group: 4 }),
  conv([2, 3, 6, 7], [4, 3, 3, 3], { autoPad: "SAME_UPPER", strides: [2, 2] }),
  conv([2, 3, 6, 7], [4, 3, 2, 2], { autoPad: "SAME_LOWER", strides: [3, 3] }),
  conv([2, 3, 6, 7], [4, 3, 1, 1], { strides: [2, 2] }),
  conv([2, 3, 6, 7], [4, 3, 3, 3], { autoPad: "VALID", strides: [2, 3] }),
  conv([2, 3, 9], [4, 3, 3], { strides: [2], pads: [1, 1] }),
  conv([2, 4, 9], [6, 2, 3], { dilations: [2], group: 2 }),
  conv([1, 2, 4, 3, 5], [3, 2, 2, 2, 3], { strides: [1, 1, 2], pads: [1, 0, 1, 0, 1, 1] }),
  conv([1, 2, 4, 3, 5], [4, 1, 2, 2, 2], { group: 2 }),
];

const transposed = (x: readonly number[], w: readonly number[], attributes: object = {}): GradientCase => {
  const group = (attributes as { group?: number }).group ?? 1;
  return {
    op: "ConvTranspose",
    inputs: [{ dims: x }, { dims: w }, { dims: [(w[1] as number) * group] }],
    attributes: { ...attributes },
  };
};

const TRANSPOSED: readonly GradientCase[] = [
  transposed([2, 3, 4, 3], [3, 2, 3, 3]),
  transposed([2, 3, 4, 3], [3, 2, 3, 2], { strides: [2, 3], pads: [1, 0, 1, 1], outputPadding: [1, 2] }),
  transposed([2, 4, 4, 3], [4, 3, 3, 3], { group: 2, dilations: [2, 1] }),
  transposed([2, 4, 3, 3], [4, 1, 2, 2], { group: 4, strides: [2, 2] }),
  transposed([2, 3, 4, 3], [3, 2, 3, 3], { strides: [2, 2], autoPad: "SAME_UPPER" }),
  transposed([2, 3, 4, 3], [3, 2, 2, 2], { strides: [2, 2], outputShape: [12, 7] }),
  transposed([2, 3, 5], [3, 2, 3], { strides: [2], outputPadding: [1] }),
  transposed([1, 2, 3, 2, 3], [2, 2, 2, 2, 2], { strides: [1, 2, 2] }),
];

const image: Given = { dims: [2, 3, 6, 7] };
const at = (dims: readonly number[], ...values: number[]): Given => ({
  fed: { dtype: "int64", dims, data: BigInt64Array.from(values, BigInt) },
});

const POOLS: readonly GradientCase[] = [
  { op: "LpPool", inputs: [image], attributes: { kernelShape: [2, 3], strides: [2, 2] } },
  { op: "LpPool", inputs: [image], attributes: { kernelShape: [3, 3], pads: [1, 1, 1, 1], p: 3 } },
  { op: "LpPool", inputs: [image], attributes: { kernelShape: [3, 2], strides: [2, 3], ceilMode: 1, p: 1 } },
  { op: "GlobalLpPool", inputs: [image], attributes: { p: 2 } },
  { op: "MaxPool", inputs: [image], attributes: { kernelShape: [2, 2] }, outputs: 2, lossOf: [0] },
  {
    op: "MaxUnpool",
    inputs: [{ dims: [1, 1, 2, 2] }, at([1, 1, 2, 2], 5, 7, 13, 15)],
    attributes: { kernelShape: [2, 2], strides: [2, 2] },
  },
  {
    op: "MaxUnpool",
    inputs: [{ dims: [1, 1, 2, 2] }, at([1, 1, 2, 2], 5, 7, 13, 15), ints(1, 1, 5, 6)],
    attributes: { kernelShape: [2, 2], strides: [2, 2] },
  },
];

const floats = (...values: number[]): Given => ({
  constant: { dtype: "float32", dims: [values.length], data: Float32Array.from(values) },
});
const sized = (sizes: readonly number[], attributes: object): GradientCase => ({
  op: "Resize",
  inputs: [{ dims: [1, 2, 4, 5] }, undefined, undefined, ints(...sizes)],
  attributes: { ...attributes },
});
const scaled = (scales: readonly number[], attributes: object): GradientCase => ({
  op: "Resize",
  inputs: [{ dims: [1, 2, 4, 5] }, undefined, floats(...scales)],
  attributes: { ...attributes },
});

const COORDINATES = [
  "half_pixel",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "half_pixel_symmetric",
];

const RESIZES: readonly GradientCase[] = [
  scaled([1, 1, 2, 2], { coordinateTransformationMode: "asymmetric", nearestMode: "floor" }),
  scaled([1, 1, 2, 3], {}),
  scaled([1, 1, 0.5, 1.6], {}),
  scaled([2, 1, 2, 1], { coordinateTransformationMode: "asymmetric", nearestMode: "floor" }),
  ...COORDINATES.map((mode) => sized([1, 2, 7, 3], { mode: "linear", coordinateTransformationMode: mode })),
  sized([1, 2, 7, 3], { mode: "cubic" }),
  sized([1, 2, 7, 3], { mode: "cubic", excludeOutside: 1, cubicCoeffA: -0.5 }),
  sized([1, 2, 2, 3], { mode: "linear", antialias: 1 }),
  {
    op: "Resize",
    inputs: [{ dims: [1, 1, 4, 5] }, floats(0, 0, -0.2, 0.1, 1, 1, 0.8, 1.3), undefined, ints(1, 1, 5, 6)],
    attributes: { mode: "linear", coordinateTransformationMode: "tf_crop_and_resize", extrapolationValue: 3 },
  },
  { op: "Resize", inputs: [image, floats(1, 1, 2, 2)], opset: 10 },
  { op: "Upsample", inputs: [image], attributes: { scales: [1, 1, 2, 2] }, opset: 7 },
  { op: "Upsample", inputs: [image, floats(1, 1, 2, 1.5)], attributes: { mode: "linear" }, opset: 9 },
];

describe("gradients of convolutions agree with finite differences", () => {
  test.each([...CONVOLUTIONS, ...TRANSPOSED].map(named))("%s", (_, one) => checkGradients(one));
});
describe("gradients of further pools agree with finite differences", () => {
  test.each(POOLS.map(named))("%s", (_, one) => checkGradients(one));
});
describe("gradients of resizing agree with finite differences", () => {
  test.each(RESIZES.map(named))("%s", (_, one) => checkGradients(one));
});
