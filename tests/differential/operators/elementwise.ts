import type { DType } from "../../../src/dtype.ts";
import { float } from "../../support/onnx-model.ts";
import { type Case, grid, longs, numbers, operatorCase, scalar, source } from "./case.ts";

const random = source("elementwise");
const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  88,
  -88,
  1e-8,
  1e8,
  Infinity,
  -Infinity,
  Number.NaN,
];
const special = (dtype: DType = "float32") => numbers(dtype, [SPECIAL.length], SPECIAL);

const UNARY = [
  "Abs",
  "Acos",
  "Acosh",
  "Asin",
  "Asinh",
  "Atan",
  "Atanh",
  "Ceil",
  "Cos",
  "Cosh",
  "Erf",
  "Exp",
  "Floor",
  "Identity",
  "Log",
  "Neg",
  "Reciprocal",
  "Relu",
  "Round",
  "Sigmoid",
  "Sign",
  "Sin",
  "Sinh",
  "Softplus",
  "Softsign",
  "Sqrt",
  "Tan",
  "Tanh",
  "Elu",
  "Selu",
  "LeakyRelu",
  "HardSigmoid",
  "HardSwish",
  "Celu",
  "ThresholdedRelu",
  "IsNaN",
  "IsInf",
  "Shrink",
];

function unary(): Case[] {
  const cases: Case[] = [];
  for (const op of UNARY) {
    for (const opset of [8, 13, 17, 21]) {
      cases.push(operatorCase(op, [random.tensor("float32", [2, 3, 5], -3, 3)], {}, { opset }));
    }
    // Values that no series expansion likes; Tan and friends differ in the last digits far out.
    if (!["Sin", "Cos", "Tan", "Sinh", "Cosh", "Erf"].includes(op)) cases.push(operatorCase(op, [special()]));
    cases.push(operatorCase(op, [random.tensor("float32", [])]));
    cases.push(operatorCase(op, [random.tensor("float32", [0, 3])]));
    cases.push(operatorCase(op, [random.tensor("float64", [7], -2, 2)]));
    for (const dtype of ["int32", "int64", "int8", "uint8", "float16"] as const) {
      cases.push(
        operatorCase(op, [random.tensor(dtype, [7], 0, 5)], {}, { tolerance: { rtol: 2e-3, atol: 1e-3 } }),
      );
    }
  }
  const alphas: [string, Record<string, number>][] = [
    ["Elu", { alpha: 2 }],
    ["Selu", { alpha: 1.5, gamma: 0.5 }],
    ["LeakyRelu", { alpha: 0 }],
    ["LeakyRelu", { alpha: -0.5 }],
    ["HardSigmoid", { alpha: 0.5, beta: 0.25 }],
    ["Celu", { alpha: 0.5 }],
    ["ThresholdedRelu", { alpha: 2 }],
    ["Shrink", { lambd: 1, bias: 0.25 }],
    ["Gelu", {}],
    ["Mish", {}],
  ];
  for (const [op, attributes] of alphas) {
    const given = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, float(value)]));
    cases.push(operatorCase(op, [random.tensor("float32", [2, 7], -3, 3)], given, { opset: 20 }));
  }
  cases.push(
    operatorCase("Gelu", [random.tensor("float32", [2, 7], -3, 3)], { approximate: "tanh" }, { opset: 20 }),
  );
  cases.push(operatorCase("IsInf", [special()], { detect_negative: 0 }));
  cases.push(operatorCase("IsInf", [special()], { detect_positive: 0 }));
  cases.push(
    operatorCase(
      "Dropout",
      [random.tensor("float32", [3, 4])],
      { ratio: float(0.3) },
      { opset: 10, outputs: 2 },
    ),
  );
  cases.push(operatorCase("Dropout", [random.tensor("float32", [3, 4]), scalar(0.3)], {}, { outputs: 2 }));
  cases.push(
    operatorCase(
      "Dropout",
      [random.tensor("float32", [3, 4]), scalar(0.3), numbers("bool", [], [0])],
      {},
      { outputs: 2 },
    ),
  );
  return cases;
}

const SHAPES: [number[], number[]][] = [
  [[3], [3]],
  [[2, 3, 4], [4]],
  [[4], [2, 3, 4]],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 1, 4],
    [1, 3, 1],
  ],
  [[], [2, 2]],
  [[1], []],
  [
    [2, 3, 4, 5],
    [3, 1, 1],
  ],
  [
    [1, 3, 1, 1],
    [2, 3, 4, 5],
  ],
  [
    [2, 3, 4, 5],
    [1, 1, 4, 5],
  ],
  [
    [0, 3],
    [1, 3],
  ],
  [
    [2, 1, 3, 1, 2],
    [3, 1, 4, 1],
  ],
  [[1, 1, 1], [7]],
];
const FLOATS: DType[] = ["float32", "float64", "float16"];
const INTEGERS: DType[] = ["int32", "int64", "int8", "uint8", "int16", "uint16", "uint32", "uint64"];

const broadcastsTo = (from: readonly number[], to: readonly number[]): boolean =>
  from.length <= to.length && from.every((dim, i) => dim === 1 || dim === to[i + to.length - from.length]);

function binary(): Case[] {
  const cases: Case[] = [];
  for (const op of ["Add", "Sub", "Mul", "Div", "Pow", "PRelu", "Mod"]) {
    for (const [a, b] of SHAPES) {
      // The text broadcasts a slope to x, never x to the slope.
      if (op === "PRelu" && !broadcastsTo(b, a)) continue;
      const attributes = op === "Mod" ? { fmod: 1 } : {};
      cases.push(
        operatorCase(
          op,
          [random.tensor("float32", a, 0.2, 3), random.tensor("float32", b, 0.3, 2)],
          attributes,
        ),
      );
    }
    for (const dtype of [...FLOATS, ...INTEGERS]) {
      const tolerance = { rtol: 2e-3, atol: 1e-3 };
      const [a, b] = [random.tensor(dtype, [2, 3], 0, 9), random.tensor(dtype, [3], 1, 4)];
      cases.push(
        operatorCase(op, [a, b], op === "Mod" && FLOATS.includes(dtype) ? { fmod: 1 } : {}, { tolerance }),
      );
    }
    for (const dtype of ["int32", "int64", "int8", "int16"] as const) {
      if (op === "Pow") continue;
      const [a, b] = [numbers(dtype, [4], [-7, 7, -7, 7]), numbers(dtype, [4], [2, -2, -3, 3])];
      cases.push(operatorCase(op, [a, b]));
      if (op === "Mod") cases.push(operatorCase(op, [a, b], { fmod: 1 }));
    }
    for (const opset of [7, 12, 14, 21]) {
      const attributes = op === "Mod" ? { fmod: 1 } : {};
      cases.push(
        operatorCase(
          op,
          [random.tensor("float32", [2, 3], 0, 2), random.tensor("float32", [3], 1, 2)],
          attributes,
          { opset },
        ),
      );
    }
  }
  for (const [a, b] of grid({
    a: FLOATS.concat(["int32", "int64"]),
    b: ["float32", "int32", "int64", "float64"] as DType[],
  }).map(({ a, b }) => [a, b] as const)) {
    cases.push(
      operatorCase(
        "Pow",
        [random.tensor(a, [5], 1, 5), random.tensor(b, [5], 0, 3)],
        {},
        { opset: 15, tolerance: { rtol: 2e-3, atol: 1e-3 } },
      ),
    );
  }
  for (const op of ["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"]) {
    for (const [a, b] of SHAPES)
      cases.push(operatorCase(op, [random.tensor("int32", a, 0, 3), random.tensor("int32", b, 0, 3)]));
    for (const dtype of [...FLOATS, ...INTEGERS, "bool"] as DType[]) {
      for (const opset of [11, 13, 19])
        cases.push(
          operatorCase(op, [random.tensor(dtype, [9], 0, 2), random.tensor(dtype, [9], 0, 2)], {}, { opset }),
        );
    }
    cases.push(operatorCase(op, [special(), numbers("float32", [SPECIAL.length], [...SPECIAL].reverse())]));
  }
  cases.push(
    operatorCase("Equal", [random.tensor("string", [6]), random.tensor("string", [6])], {}, { opset: 19 }),
  );
  for (const op of ["And", "Or", "Xor"]) {
    for (const [a, b] of SHAPES)
      cases.push(operatorCase(op, [random.tensor("bool", a), random.tensor("bool", b)]));
  }
  cases.push(operatorCase("Not", [random.tensor("bool", [5])]));
  for (const op of ["BitwiseAnd", "BitwiseOr", "BitwiseXor"]) {
    for (const dtype of INTEGERS)
      cases.push(
        operatorCase(
          op,
          [random.tensor(dtype, [2, 5], 0, 100), random.tensor(dtype, [5], 0, 100)],
          {},
          { opset: 18 },
        ),
      );
  }
  for (const dtype of INTEGERS)
    cases.push(operatorCase("BitwiseNot", [random.tensor(dtype, [5], 0, 100)], {}, { opset: 18 }));
  for (const { direction, dtype } of grid({
    direction: ["LEFT", "RIGHT"],
    dtype: ["uint8", "uint32", "uint64"] as DType[],
  })) {
    cases.push(
      operatorCase("BitShift", [random.tensor(dtype, [5], 0, 200), random.tensor(dtype, [5], 0, 6)], {
        direction,
      }),
    );
  }
  return cases;
}

function many(): Case[] {
  const cases: Case[] = [];
  for (const op of ["Max", "Min", "Sum", "Mean"]) {
    for (const dims of [[[3]], [[3], [3]], [[2, 3], [3], [1]], [[2, 1], [1, 3], [], [2, 3]]]) {
      cases.push(
        operatorCase(
          op,
          dims.map((d) => random.tensor("float32", d)),
        ),
      );
    }
    for (const dtype of [...FLOATS, ...INTEGERS]) {
      cases.push(
        operatorCase(
          op,
          [random.tensor(dtype, [4], 0, 9), random.tensor(dtype, [4], 0, 9)],
          {},
          { tolerance: { rtol: 2e-3, atol: 1e-3 } },
        ),
      );
    }
    for (const opset of [8, 12])
      cases.push(
        operatorCase(op, [random.tensor("float32", [2, 3]), random.tensor("float32", [2, 1])], {}, { opset }),
      );
    cases.push(operatorCase(op, [special(), numbers("float32", [SPECIAL.length], [...SPECIAL].reverse())]));
  }
  for (const [c, a, b] of [
    [[4], [4], [4]],
    [[2, 1], [3], []],
    [
      [1, 4],
      [2, 1, 1],
      [3, 1],
    ],
    [[], [2], [2]],
    [
      [5, 1, 1],
      [1, 2, 1],
      [1, 1, 3],
    ],
  ]) {
    for (const dtype of ["float32", "float64", "int64", "int32", "uint8", "string", "bool"] as DType[]) {
      cases.push(
        operatorCase("Where", [
          random.tensor("bool", c as number[]),
          random.tensor(dtype, a as number[], 0, 9),
          random.tensor(dtype, b as number[], 0, 9),
        ]),
      );
    }
  }
  for (const [min, max] of [
    [scalar(-0.5), scalar(0.5)],
    [scalar(0), undefined],
    [undefined, scalar(0)],
    [undefined, undefined],
    [scalar(1), scalar(-1)],
  ]) {
    const inputs = [random.tensor("float32", [2, 3, 4]), min, max];
    while (inputs.length > 1 && inputs.at(-1) === undefined) inputs.pop();
    for (const opset of [11, 12, 13]) cases.push(operatorCase("Clip", inputs, {}, { opset }));
  }
  cases.push(operatorCase("Clip", [special(), scalar(-1), scalar(1)]));
  for (const attributes of [{ min: float(-0.5), max: float(0.5) }, { max: float(0) }, {}]) {
    for (const opset of [6, 10])
      cases.push(operatorCase("Clip", [random.tensor("float32", [2, 3])], attributes, { opset }));
  }
  for (const dtype of [...INTEGERS, "float64", "float16"] as DType[]) {
    cases.push(operatorCase("Clip", [random.tensor(dtype, [9], 0, 9), scalar(2, dtype), scalar(6, dtype)]));
  }
  return cases;
}

const TYPES: DType[] = ["float32", "float64", "float16", ...INTEGERS, "bool", "string"];
const ONNX: Record<string, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

function casts(): Case[] {
  const cases: Case[] = [];
  for (const { from, to, opset } of grid({ from: TYPES, to: TYPES, opset: [9, 13, 19, 21] })) {
    if (from === "string") continue;
    const x = random.tensor(from, [6], 0, 100);
    if (to === "string" && (from === "float16" || from === "float64")) continue;
    cases.push(operatorCase("Cast", [x], { to: ONNX[to] as number }, { opset }));
  }
  const mixed = numbers("float32", [8], [-1.5, -0.5, 0.5, 1.5, 2.5, 99.9, -99.9, 0]);
  for (const to of TYPES) {
    if (to.startsWith("uint")) continue;
    cases.push(operatorCase("Cast", [mixed], { to: ONNX[to] as number }));
  }
  cases.push(operatorCase("Cast", [numbers("int64", [3], [300, -1, 2 ** 33])], { to: 6 }));
  cases.push(operatorCase("Cast", [numbers("int32", [3], [300, -1, 65537])], { to: 2 }));
  cases.push(operatorCase("Cast", [numbers("int32", [3], [300, -1, 65537])], { to: 3 }));
  cases.push(operatorCase("Cast", [numbers("int32", [3], [300, -1, 65537])], { to: 5 }));
  const words = { dtype: "string", dims: [4], data: ["1", "-2.5", "1e3", "7"] } as const;
  for (const to of [1, 11]) cases.push(operatorCase("Cast", [{ ...words, data: [...words.data] }], { to }));
  cases.push(operatorCase("Cast", [{ dtype: "string", dims: [2], data: ["12", "-7"] }], { to: 7 }));
  for (const to of ["int32", "float64", "bool"] as DType[]) {
    cases.push(
      operatorCase(
        "CastLike",
        [random.tensor("float32", [5], 0, 9), random.tensor(to, [1], 0, 1)],
        {},
        { opset: 15 },
      ),
    );
  }
  for (const { start, limit, delta, dtype } of grid({
    start: [0, 3, 10],
    limit: [5, 10, -3],
    delta: [1, 2, -2],
    dtype: ["int64", "int32", "float32", "float64", "int16"] as DType[],
  })) {
    cases.push(operatorCase("Range", [scalar(start, dtype), scalar(limit, dtype), scalar(delta, dtype)]));
  }
  cases.push(operatorCase("Range", [scalar(1), scalar(2), scalar(0.3)]));
  cases.push(operatorCase("ConstantOfShape", [longs(2, 3)]));
  cases.push(operatorCase("ConstantOfShape", [longs(2, 0)], { value: numbers("int32", [1], [7]) }));
  cases.push(
    operatorCase("ConstantOfShape", [numbers("int64", [0], [])], { value: numbers("float32", [1], [2.5]) }),
  );
  cases.push(operatorCase("EyeLike", [random.tensor("float32", [3, 4])], { k: 1 }));
  cases.push(operatorCase("EyeLike", [random.tensor("int32", [4, 3], 0, 1)], { k: -1, dtype: 1 }));
  return cases;
}

export const cases = (): Case[] => [...unary(), ...binary(), ...many(), ...casts()];
