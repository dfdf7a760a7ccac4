import {
  anyDims,
  type Draw,
  imageDims,
  narrowed,
  type Sample,
  type Sampler,
  type Samplers,
  scalar,
} from "../draw.ts";

const unary =
  (low: number, high: number, attributes: (draw: Draw) => Sample["attributes"] = () => ({})): Sampler =>
  (draw) => ({ inputs: [draw.tensor(anyDims(draw), low, high)], attributes: attributes(draw) ?? {} });

const logic: Sampler = (draw) => {
  const dims = anyDims(draw);
  return { inputs: [draw.tensor(dims, 0, 1, "bool"), draw.tensor(narrowed(draw, dims), 0, 1, "bool")] };
};

const bits: Sampler = (draw) => {
  const dims = anyDims(draw);
  return {
    inputs: [draw.tensor(dims, -99, 99, "int32"), draw.tensor(narrowed(draw, dims), -99, 99, "int32")],
    opset: 18,
  };
};

const binary =
  (low: number, high: number): Sampler =>
  (draw) => {
    const dims = anyDims(draw);
    const inputs = [draw.tensor(dims, low, high), draw.tensor(narrowed(draw, dims), low, high)];
    return { inputs: draw.maybe() ? inputs : inputs.reverse(), constants: draw.pick([], [], [0], [1]) };
  };

const many: Sampler = (draw) => {
  const dims = anyDims(draw);
  return { inputs: Array.from({ length: draw.whole(1, 4) }, () => draw.tensor(narrowed(draw, dims))) };
};

export const ELEMENTWISE: Samplers = {
  ...Object.fromEntries(
    [
      "Abs",
      "Atan",
      "Ceil",
      "Celu",
      "Cos",
      "Cosh",
      "Elu",
      "Erf",
      "Exp",
      "Floor",
      "HardSigmoid",
      "HardSwish",
      "LeakyRelu",
      "Mish",
      "Neg",
      "Relu",
      "Round",
      "Selu",
      "Sigmoid",
      "Sign",
      "Sin",
      "Sinh",
      "Softplus",
      "Softsign",
      "Swish",
      "Tan",
      "Tanh",
      "ThresholdedRelu",
      "Asinh",
      "Shrink",
      "IsInf",
      "IsNaN",
    ].map((op) => [op, unary(-1.4, 1.4)]),
  ),
  Dropout: unary(-2, 2),
  Gelu: unary(-3, 3, (draw) => ({ approximate: draw.pick("none", "tanh") })),
  "lanewise.Silu": unary(-3, 3, () => ({ alpha: 1.5 })),
  ...Object.fromEntries(["Log", "Reciprocal", "Sqrt"].map((op) => [op, unary(0.2, 3)])),
  ...Object.fromEntries(["Acos", "Asin", "Atanh"].map((op) => [op, unary(-0.9, 0.9)])),
  Acosh: unary(1.1, 3),
  Clip: (draw) => ({
    inputs: [draw.tensor(anyDims(draw)), draw.maybe() ? scalar(-0.5) : undefined, scalar(0.7)],
    constants: [1, 2],
  }),
  Not: (draw) => ({ inputs: [draw.tensor(anyDims(draw), 0, 1, "bool")] }),
  BitwiseNot: (draw) => ({ inputs: [draw.tensor(anyDims(draw), -99, 99, "int32")], opset: 18 }),
  ...Object.fromEntries(
    ["Add", "Sub", "Mul", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"].map((op) => [
      op,
      binary(-2, 2),
    ]),
  ),
  Div: binary(0.5, 2),
  Pow: binary(0.5, 2),
  ...Object.fromEntries(["And", "Or", "Xor"].map((op) => [op, logic])),
  ...Object.fromEntries(["BitwiseAnd", "BitwiseOr", "BitwiseXor"].map((op) => [op, bits])),
  ...Object.fromEntries(["Max", "Min", "Mean", "Sum"].map((op) => [op, many])),
  PRelu: (draw) => {
    const dims = imageDims(draw);
    const slope = draw.pick(
      [dims[1] as number, ...dims.slice(2).map(() => 1)],
      [1],
      narrowed(draw, dims),
      dims,
    );
    return { inputs: [draw.tensor(dims), draw.tensor(slope)], constants: draw.pick([], [1]) };
  },
  SwiGLU: (draw) => {
    const dims = anyDims(draw);
    return { inputs: [draw.tensor(dims), draw.tensor(dims)] };
  },
};
