import { describe, test } from "vitest";
import { checkGradients, type Given, type GradientCase, ints } from "./harness.ts";
import { named } from "./named.ts";

const IMAGE = [2, 3, 4, 5];
const image: Given = { dims: IMAGE };
const positive: Given = { dims: IMAGE, from: 0.2, to: 3 };
const inside: Given = { dims: IMAGE, from: -0.9, to: 0.9 };

const unary = (op: string, input: Given = image, more: Partial<GradientCase> = {}): GradientCase => ({
  op,
  inputs: [input],
  ...more,
});

const UNARY: readonly GradientCase[] = [
  unary("Abs"),
  unary("Neg"),
  unary("Exp"),
  unary("Log", positive),
  unary("Sqrt", positive),
  unary("Reciprocal", positive),
  unary("Sin"),
  unary("Cos"),
  unary("Tan", inside),
  unary("Asin", inside),
  unary("Acos", inside),
  unary("Atan"),
  unary("Sinh"),
  unary("Cosh"),
  unary("Asinh"),
  unary("Acosh", { dims: IMAGE, from: 1.2, to: 4 }),
  unary("Atanh", inside),
  unary("Erf"),
  unary("Softsign"),
  unary("Relu"),
  unary("Tanh"),
  unary("Sigmoid"),
  unary("Softplus"),
  unary("LeakyRelu", image, { attributes: { alpha: 0.2 } }),
  unary("Elu", image, { attributes: { alpha: 1.3 } }),
  unary("Selu"),
  unary("Celu", image, { attributes: { alpha: 1.7 } }),
  unary("ThresholdedRelu", image, { attributes: { alpha: 0.6 } }),
  unary("HardSigmoid", { dims: IMAGE, from: -5, to: 5 }),
  unary("HardSigmoid", image, { attributes: { alpha: 0.4, beta: 0.3 } }),
  unary("HardSwish", { dims: IMAGE, from: -5, to: 5 }),
  unary("Gelu"),
  unary("Gelu", image, { attributes: { approximate: "tanh" } }),
  unary("Mish", image, { opset: 22 }),
  unary("Swish", image, { attributes: { alpha: 1.4 }, opset: 24 }),
  unary("Silu", image, { attributes: { alpha: 1.4 }, domain: "lanewise" }),
  unary("Identity"),
  unary("Clip"),
  unary("Clip", image, { attributes: { min: -1, max: 0.5 }, opset: 6 }),
  {
    op: "Clip",
    inputs: [image, { dims: [], from: -1, to: -1, fixed: true }, { dims: [], from: 1, to: 1, fixed: true }],
  },
  { op: "Clip", inputs: [image, { dims: [], from: -1, to: -0.5 }, { dims: [], from: 0.5, to: 1 }] },
  { op: "Clip", inputs: [image, undefined, { dims: [], from: 0.5, to: 1 }] },
];

const pair = (op: string, a: Given, b: Given, more: Partial<GradientCase> = {}): GradientCase => ({
  op,
  inputs: [a, b],
  ...more,
});

const BINARY: readonly GradientCase[] = ["Add", "Sub", "Mul", "Div", "Min", "Max"].flatMap((op) => {
  const range = op === "Div" ? { from: 0.5, to: 2 } : {};
  return [
    pair(op, image, { dims: IMAGE, ...range }),
    pair(op, image, { dims: [5], ...range }),
    pair(op, image, { dims: [3, 1, 1], ...range }),
    pair(op, image, { dims: [], ...range }),
    pair(op, { dims: [4, 1] }, { dims: [2, 1, 5], ...range }),
  ];
});

const LEGACY: readonly GradientCase[] = ["Add", "Sub", "Mul", "Div"].map((op) =>
  pair(op, image, { dims: [3], from: 0.5, to: 2 }, { attributes: { axis: 1, broadcast: 1 }, opset: 6 }),
);

const OTHERS: readonly GradientCase[] = [
  pair("Pow", positive, { dims: [5] }),
  pair("Pow", image, { dims: [], from: 2, to: 2, fixed: true }),
  pair("Pow", image, { dims: [], from: 3, to: 3, fixed: true }),
  pair("Pow", image, ints(2)),
  pair("Pow", positive, ints(3)),
  pair("PRelu", image, { dims: [3, 1, 1] }),
  pair("PRelu", image, { dims: [1] }),
  pair("PRelu", image, { dims: [3] }, { opset: 6 }),
  { op: "Min", inputs: [image, { dims: [5] }, { dims: [4, 1] }] },
  { op: "Max", inputs: [image] },
  { op: "Sum", inputs: [image, { dims: [5] }, { dims: [4, 1] }] },
  { op: "Mean", inputs: [image, { dims: [5] }, { dims: [4, 1] }] },
  {
    op: "Where",
    inputs: [{ fed: { dtype: "bool", dims: [4, 1], data: Uint8Array.of(1, 0, 0, 1) } }, image, { dims: [5] }],
  },
];

describe("gradients of element-wise operators agree with finite differences", () => {
  test.each([...UNARY, ...BINARY, ...LEGACY, ...OTHERS].map(named))("%s", (_, one) => {
    checkGradients(one);
  });
});
