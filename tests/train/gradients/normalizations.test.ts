import { describe, test } from "vitest";
import { checkGradients, type Given, type GradientCase, ints } from "./harness.ts";
import { named } from "./named.ts";

const IMAGE = [2, 4, 3, 5];
const image: Given = { dims: IMAGE };
const vector = (length: number): Given => ({ dims: [length] });
const positive = (length: number): Given => ({ dims: [length], from: 0.5, to: 2 });

const statistics = [positive(4), vector(4), vector(4), positive(4)];

const NORMALIZATIONS: readonly GradientCase[] = [
  { op: "BatchNormalization", inputs: [image, ...statistics] },
  { op: "BatchNormalization", inputs: [{ dims: [6, 4] }, ...statistics], attributes: { epsilon: 0.1 } },
  {
    op: "BatchNormalization",
    inputs: [image, positive(4), vector(4), { dims: [4], fixed: true }, { dims: [4], from: 1, fixed: true }],
    attributes: { trainingMode: 1 },
    outputs: 3,
    lossOf: [0],
  },
  {
    op: "BatchNormalizationTraining",
    domain: "lanewise",
    inputs: [image, positive(4), vector(4), { dims: [4], fixed: true }, { dims: [4], from: 1, fixed: true }],
    outputs: 5,
    lossOf: [0],
  },
  { op: "InstanceNormalization", inputs: [image, positive(4), vector(4)] },
  { op: "GroupNormalization", inputs: [image, positive(4), vector(4)], attributes: { numGroups: 2 } },
  {
    op: "GroupNormalization",
    inputs: [image, positive(2), vector(2)],
    attributes: { numGroups: 2 },
    opset: 18,
  },
  { op: "LayerNormalization", inputs: [image, positive(5), vector(5)] },
  { op: "LayerNormalization", inputs: [image, { dims: [3, 5] }], attributes: { axis: 2, epsilon: 0.01 } },
  { op: "LayerNormalization", inputs: [image, { dims: [3, 5] }, vector(5)], attributes: { axis: -2 } },
  { op: "RMSNormalization", inputs: [image, positive(5)], opset: 23 },
  { op: "LRN", inputs: [{ dims: [2, 6, 3, 2] }], attributes: { size: 3, alpha: 0.5, beta: 0.7, bias: 1.5 } },
  { op: "LRN", inputs: [{ dims: [2, 6, 3, 2] }], attributes: { size: 4, alpha: 0.5 } },
  { op: "LRN", inputs: [{ dims: [2, 6] }], attributes: { size: 5, alpha: 0.5 } },
  { op: "Softmax", inputs: [image] },
  { op: "Softmax", inputs: [image], attributes: { axis: 1 } },
  { op: "Softmax", inputs: [image], attributes: { axis: 2 }, opset: 11 },
  { op: "LogSoftmax", inputs: [image], attributes: { axis: 1 } },
  { op: "LogSoftmax", inputs: [{ dims: [3, 5] }], opset: 11 },
];

const labels = (dims: readonly number[], ...values: number[]): Given => ({
  fed: { dtype: "int64", dims, data: BigInt64Array.from(values, BigInt) },
});
const weights: Given = { dims: [4], from: 0.5, to: 2, fixed: true };
const LOSSES: readonly GradientCase[] = ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"].flatMap(
  (op) => [
    { op, inputs: [{ dims: [3, 4] }, labels([3], 0, 3, 1)] },
    { op, inputs: [{ dims: [3, 4] }, labels([3], 0, 3, 3), weights] },
    { op, inputs: [{ dims: [3, 4] }, labels([3], 0, 3, 3), weights], attributes: { reduction: "sum" } },
    {
      op,
      inputs: [{ dims: [2, 4, 3] }, labels([2, 3], 0, 3, 2, 1, 1, 0), weights],
      attributes: { reduction: "none", ignoreIndex: 1 },
    },
    { op, inputs: [{ dims: [2, 4, 3] }, labels([2, 3], 0, 3, 2, 1, 1, 0)], attributes: { ignoreIndex: 1 } },
  ],
);
const LOG: readonly GradientCase[] = [[0], [1], [0, 1]].map((lossOf) => ({
  op: "SoftmaxCrossEntropyLoss",
  inputs: [{ dims: [2, 4, 3] }, labels([2, 3], 0, 3, 2, 1, 1, 0), weights],
  outputs: 2,
  lossOf,
}));

const zero: Given = { constant: { dtype: "bool", dims: [], data: Uint8Array.of(0) } };
const MOVEMENTS: readonly GradientCase[] = [
  { op: "Slice", inputs: [image, ints(1, -4), ints(3, -1), ints(1, 3)] },
  { op: "Slice", inputs: [image, ints(0, 1), ints(4, 5), ints(1, 3), ints(3, 2)] },
  { op: "Slice", inputs: [image, ints(-1, 3), ints(-100, 0), ints(3, 1), ints(-1, -2)] },
  { op: "Slice", inputs: [image], attributes: { starts: [1], ends: [3], axes: [1] }, opset: 9 },
  { op: "Pad", inputs: [image, ints(0, 1, 2, 0, 1, 0, 0, 3)] },
  { op: "Pad", inputs: [image, ints(0, 0, 1, -1, 0, -2, 0, 2), { dims: [] }] },
  { op: "Pad", inputs: [image, ints(0, 0, 2, 3, 0, 0, 1, 4)], attributes: { mode: "reflect" } },
  { op: "Pad", inputs: [image, ints(1, 0, 2, 3, 0, 0, 1, -1)], attributes: { mode: "edge" } },
  { op: "Pad", inputs: [image, ints(0, 0, 2, 3, 0, 0, 1, 4)], attributes: { mode: "wrap" } },
  { op: "Pad", inputs: [image], attributes: { pads: [0, 0, 1, 1, 0, 0, 1, 1], value: 2 }, opset: 2 },
  { op: "Expand", inputs: [{ dims: [3, 1] }, ints(2, 1, 4)] },
  { op: "Tile", inputs: [{ dims: [2, 3] }, ints(2, 3)] },
  { op: "DepthToSpace", inputs: [{ dims: [1, 8, 2, 3] }], attributes: { blocksize: 2 } },
  { op: "DepthToSpace", inputs: [{ dims: [1, 8, 2, 3] }], attributes: { blocksize: 2, mode: "CRD" } },
  { op: "SpaceToDepth", inputs: [{ dims: [1, 2, 4, 6] }], attributes: { blocksize: 2 } },
  { op: "Dropout", inputs: [image] },
  { op: "Dropout", inputs: [image, undefined, zero], outputs: 2, lossOf: [0] },
  { op: "Cast", inputs: [image], attributes: { to: 11 } },
  {
    op: "GatherElements",
    inputs: [{ dims: [3, 3] }, labels([2, 3], 0, 1, 2, 0, 0, 2)],
    attributes: { axis: 1 },
  },
  { op: "GatherND", inputs: [{ dims: [3, 4, 2] }, labels([3, 2], 0, 1, 2, 3, 0, 1)] },
  { op: "ScatterElements", inputs: [{ dims: [3, 3] }, labels([2, 3], 1, 0, 2, 0, 2, 1), { dims: [2, 3] }] },
  {
    op: "ScatterElements",
    inputs: [{ dims: [3, 3] }, labels([2, 3], 1, 0, 2, 1, 2, 1), { dims: [2, 3] }],
    attributes: { reduction: "add" },
  },
  { op: "ScatterND", inputs: [{ dims: [4, 3] }, labels([2, 1], 3, 1), { dims: [2, 3] }] },
  { op: "TopK", inputs: [{ dims: [3, 5] }, ints(2)], outputs: 2, lossOf: [0] },
  { op: "CumSum", inputs: [{ dims: [3, 5] }, ints(1)], attributes: { exclusive: 1 } },
  { op: "Trilu", inputs: [{ dims: [3, 5] }], attributes: { upper: 0 } },
];

describe("gradients of normalisations agree with finite differences", () => {
  test.each(NORMALIZATIONS.map(named))("%s", (_, one) => checkGradients(one));
});
describe("gradients of losses agree with finite differences", () => {
  test.each([...LOSSES, ...LOG].map(named))("%s", (_, one) => checkGradients(one));
});
describe("gradients of further movements agree with finite differences", () => {
  test.each(MOVEMENTS.map(named))("%s", (_, one) => checkGradients(one));
});
