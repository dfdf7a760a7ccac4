import { describe, test } from "vitest";
import { checkGradients, type Given, type GradientCase, ints } from "./harness.ts";
import { named } from "./named.ts";

const IMAGE = [2, 3, 4, 5];
const image: Given = { dims: IMAGE };

const reduce = (op: string, from = -2): GradientCase[] => [
  { op, inputs: [{ dims: IMAGE, from }], attributes: { axes: [1, 3], keepdims: 0 }, opset: 11 },
  { op, inputs: [{ dims: IMAGE, from }], attributes: { axes: [-1] }, opset: 11 },
  { op, inputs: [{ dims: IMAGE, from }, ints(2, 3)] },
  { op, inputs: [{ dims: IMAGE, from }, ints(-3)], attributes: { keepdims: 0 } },
  { op, inputs: [{ dims: [3, 4], from }] },
  { op, inputs: [{ dims: [3, 4], from }], attributes: { noopWithEmptyAxes: 1 } },
];

const REDUCTIONS: readonly GradientCase[] = [
  ...["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2"].flatMap((op) =>
    reduce(op),
  ),
  ...["ReduceSumSquare", "ReduceLogSumExp"].flatMap((op) => reduce(op)),
  ...["ReduceProd", "ReduceLogSum"].flatMap((op) => reduce(op, 0.3)),
];

const indices = (dims: readonly number[], ...values: number[]): Given => ({
  fed: { dtype: "int64", dims, data: BigInt64Array.from(values, BigInt) },
});

const MOVEMENTS: readonly GradientCase[] = [
  { op: "Transpose", inputs: [image], attributes: { perm: [2, 0, 3, 1] } },
  { op: "Transpose", inputs: [image] },
  { op: "Flatten", inputs: [image], attributes: { axis: 2 } },
  { op: "Reshape", inputs: [image, ints(6, -1)] },
  { op: "Squeeze", inputs: [{ dims: [2, 1, 3] }, ints(1)] },
  { op: "Unsqueeze", inputs: [{ dims: [2, 3] }, ints(0, 2)] },
  { op: "Concat", inputs: [image, { dims: [2, 1, 4, 5] }, image], attributes: { axis: 1 } },
  { op: "Concat", inputs: [{ dims: [2, 3] }, { dims: [2, 4] }], attributes: { axis: -1 } },
  { op: "Split", inputs: [image, ints(1, 2)], attributes: { axis: 1 }, outputs: 2 },
  { op: "Split", inputs: [image, ints(1, 2)], attributes: { axis: 1 }, outputs: 2, lossOf: [1] },
  { op: "Gather", inputs: [image, ints(2, 0, 2)], attributes: { axis: 1 } },
  { op: "Gather", inputs: [image, ints(0, -1, 1)], attributes: { axis: 3 } },
  { op: "Gather", inputs: [image, indices([2, 2], 0, 3, 3, -4)], attributes: { axis: 2 } },
  { op: "Gather", inputs: [{ dims: [5, 3] }, indices([], 2)] },
];

const MATRICES: readonly GradientCase[] = [
  [
    [3, 4],
    [4, 5],
  ],
  [
    [2, 3, 4],
    [4, 5],
  ],
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [2, 1, 3, 4],
    [3, 4, 5],
  ],
  [
    [3, 4],
    [2, 4, 5],
  ],
  [[4], [4, 5]],
  [[3, 4], [4]],
  [[4], [4]],
  [[2, 3, 4], [4]],
].map((operands) => ({ op: "MatMul", inputs: operands.map((dims) => ({ dims })) }));

const GEMMS: readonly GradientCase[] = [0, 1].flatMap((transA) =>
  [0, 1].map((transB) => ({
    op: "Gemm",
    inputs: [{ dims: transA ? [4, 3] : [3, 4] }, { dims: transB ? [5, 4] : [4, 5] }, { dims: [3, 1] }],
    attributes: { transA, transB, alpha: 0.7, beta: 1.3 },
  })),
);

const window = (attributes: object, dims: readonly number[] = [2, 3, 6, 7]): GradientCase[] => [
  { op: "MaxPool", inputs: [{ dims }], attributes: { ...attributes } },
  { op: "AveragePool", inputs: [{ dims }], attributes: { ...attributes } },
  { op: "AveragePool", inputs: [{ dims }], attributes: { ...attributes, countIncludePad: 1 } },
];

const POOLS: readonly GradientCase[] = [
  ...window({ kernelShape: [2, 2], strides: [2, 2] }),
  ...window({ kernelShape: [3, 3], strides: [2, 1], pads: [1, 1, 0, 1] }),
  ...window({ kernelShape: [3, 2], strides: [2, 3], ceilMode: 1 }),
  ...window({ kernelShape: [3, 3], strides: [2, 2], autoPad: "SAME_UPPER" }),
  ...window({ kernelShape: [3, 3], strides: [2, 2], autoPad: "SAME_LOWER" }),
  ...window({ kernelShape: [3], strides: [2], pads: [1, 0] }, [2, 3, 8]),
  ...window({ kernelShape: [2, 2, 2], strides: [1, 2, 1] }, [1, 2, 3, 4, 3]),
  ...window({ kernelShape: [2, 2], dilations: [2, 3] }),
  { op: "GlobalAveragePool", inputs: [image] },
  { op: "GlobalAveragePool", inputs: [{ dims: [2, 3, 4] }] },
  { op: "GlobalMaxPool", inputs: [image] },
];

describe("gradients of reductions agree with finite differences", () => {
  test.each(REDUCTIONS.map(named))("%s", (_, one) => checkGradients(one));
});
describe("gradients of what moves elements agree with finite differences", () => {
  test.each(MOVEMENTS.map(named))("%s", (_, one) => checkGradients(one));
});
describe("gradients of products agree with finite differences", () => {
  test.each([...MATRICES, ...GEMMS].map(named))("%s", (_, one) => checkGradients(one));
});
describe("gradients of pools agree with finite differences", () => {
  test.each(POOLS.map(named))("%s", (_, one) => checkGradients(one));
});
