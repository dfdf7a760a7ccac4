import type { DType } from "../../../src/dtype.ts";
import { float } from "../../support/onnx-model.ts";
import type { Random } from "../../support/random.ts";
import { numbers, scalar } from "../operators/case.ts";
import {
  caseOf,
  close,
  type Draw,
  type Draws,
  dims,
  ends,
  FLOATS,
  INTEGERS,
  mostly,
  NUMBERS,
  operand,
  opset,
  perhaps,
  sprinkled,
} from "./draw.ts";

/** Turns of a circle far out are a matter of how pi is rounded. */
const NEAR = [0, -0, 1, -1, 1e-8, 1e-40, 20, -20, Number.NaN, Infinity, -Infinity];

interface Unary {
  readonly dtypes?: readonly DType[];
  readonly low?: number;
  readonly high?: number;
  readonly attributes?: (random: Random) => Readonly<Record<string, ReturnType<typeof float> | undefined>>;
  readonly values?: number[];
}
const FLOAT: readonly DType[] = ["float64", "float16"];
const one = (random: Random, low: number, high: number) =>
  perhaps(random, [float(low + random.next() * (high - low))]);

const UNARY: Readonly<Record<string, Unary>> = {
  Abs: { dtypes: [...FLOATS, "int32", "int64", "int8", "uint8", "int16", "uint16", "uint32", "uint64"] },
  Acos: { low: -1, high: 1 },
  Acosh: { low: 1, high: 9 },
  Asin: { low: -1, high: 1 },
  Asinh: {},
  Atan: {},
  Atanh: { low: -0.99, high: 0.99 },
  Ceil: {},
  Celu: { attributes: (random) => ({ alpha: one(random, 0.2, 2) }), dtypes: ["float32"] },
  Cos: { low: -9, high: 9, values: NEAR },
  Cosh: {},
  Elu: { attributes: (random) => ({ alpha: one(random, -1, 2) }) },
  Erf: {},
  Exp: {},
  Floor: {},
  HardSigmoid: { attributes: (random) => ({ alpha: one(random, 0, 1), beta: one(random, -1, 1) }) },
  HardSwish: {},
  IsInf: { dtypes: ["float64"] },
  IsNaN: {},
  LeakyRelu: { attributes: (random) => ({ alpha: one(random, -1, 1) }) },
  Log: { low: 0.01, high: 9 },
  Mish: {},
  Neg: { dtypes: [...FLOATS, "int32", "int64", "int8", "int16"] },
  Reciprocal: {},
  Relu: { dtypes: [...FLOATS, "int32", "int8", "int64", "int16"] },
  Round: { values: [0.5, 1.5, -2.5, 3.5, -0.5, 0, -0, 8388609, 1e20, Number.NaN, Infinity] },
  Selu: { attributes: (random) => ({ alpha: one(random, 0, 2), gamma: one(random, 0, 2) }) },
  Shrink: {
    attributes: (random) => ({ lambd: one(random, 0, 2), bias: one(random, -1, 1) }),
    dtypes: NUMBERS,
  },
  Sigmoid: {},
  Sign: { dtypes: NUMBERS },
  Sin: { low: -9, high: 9, values: NEAR },
  Sinh: {},
  Softplus: {},
  Softsign: {},
  Sqrt: { low: 0, high: 9 },
  Tan: { low: -1.5, high: 1.5, values: NEAR },
  Tanh: {},
  ThresholdedRelu: { attributes: (random) => ({ alpha: one(random, -1, 2) }) },
};

const unary =
  (op: string, { dtypes = FLOAT, low = -4, high = 4, attributes, values }: Unary): Draw =>
  (random) => {
    const dtype = mostly(random, dtypes, 0.6);
    const whole = !dtype.startsWith("float");
    const x = random.tensor(
      dtype,
      dims(random),
      whole && dtype.startsWith("u") ? 0 : whole ? -9 : low,
      whole ? 9 : high,
    );
    return caseOf(op, [sprinkled(random, x, values)], attributes?.(random), {
      opset: opset(random, op),
      tolerance: close(dtype),
    });
  };

const isInf: Draw = (random) => {
  const x = sprinkled(random, random.tensor(mostly(random, FLOAT), dims(random)));
  const given = { detect_negative: perhaps(random, [0, 1]), detect_positive: perhaps(random, [0, 1]) };
  return caseOf("IsInf", [x], given, { opset: opset(random, "IsInf") });
};

const gelu: Draw = (random) => {
  const dtype = mostly(random, FLOAT);
  const x = sprinkled(random, random.tensor(dtype, dims(random), -4, 4));
  const given = { approximate: perhaps(random, ["none", "tanh"]) };
  return caseOf("Gelu", [x], given, {
    opset: opset(random, "Gelu"),
    // 1 + erf(x) leaves few digits far below 0.
    tolerance: dtype === "float32" ? { rtol: 2e-3, atol: 1e-6 } : close(dtype),
  });
};

const not: Draw = (random) =>
  caseOf("Not", [random.tensor("bool", dims(random))], {}, { opset: opset(random, "Not") });

const bitwiseNot: Draw = (random) => {
  const dtype = random.pick(INTEGERS);
  const x = random.tensor(dtype, dims(random), ...ends(dtype));
  return caseOf("BitwiseNot", [x], {}, { opset: opset(random, "BitwiseNot") });
};

const clip: Draw = (random) => {
  const version = opset(random, "Clip");
  const end = (dtype: DType) => {
    const value = random.whole(dtype.startsWith("u") ? 0 : -3, 5);
    return random.chance(0.7) ? scalar(value, dtype) : undefined;
  };
  if (version < 11) {
    const ends = { min: one(random, -2, 0.5), max: one(random, 0, 2) };
    return caseOf("Clip", [sprinkled(random, random.tensor("float32", dims(random), -3, 3))], ends, {
      opset: version,
    });
  }
  const dtype =
    version < 12
      ? "float32"
      : mostly(random, ["float64", "float16", "int8", "uint8", "int32", "uint32", "int64", "uint64"], 0.6);
  const narrow = dtype === "float16";
  const ends = narrow
    ? [numbers("float16", [], [0xbc00]), numbers("float16", [], [0x3c00])]
    : [end(dtype), end(dtype)];
  return caseOf(
    "Clip",
    [operand(random, dtype, dims(random)), ...ends],
    {},
    { opset: version, tolerance: close(dtype) },
  );
};

const dropout: Draw = (random) => {
  const version = opset(random, "Dropout");
  const dtype = mostly(random, ["float64", "float16"], 0.8);
  const x = sprinkled(random, random.tensor(dtype, dims(random)));
  const outputs = random.pick([1, 2]);
  if (version < 12)
    return caseOf("Dropout", [x], { ratio: one(random, 0, 0.9) }, { opset: version, outputs });
  const training = random.chance(0.3) ? numbers("bool", [], [0]) : undefined;
  const inputs = [x, random.chance(0.6) ? scalar(random.pick([0, 0.25, 0.5])) : undefined, training];
  return caseOf("Dropout", inputs, { seed: perhaps(random, [3]) }, { opset: version, outputs });
};

export const draws: Draws = {
  ...Object.fromEntries(Object.entries(UNARY).map(([op, how]) => [op, unary(op, how)])),
  BitwiseNot: bitwiseNot,
  Clip: clip,
  Dropout: dropout,
  Gelu: gelu,
  IsInf: isInf,
  Not: not,
};
