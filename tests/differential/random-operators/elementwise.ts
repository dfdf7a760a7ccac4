import type { DType } from "../../../src/dtype.ts";
import type { TensorData } from "../../../src/tensor.ts";
import type { Random } from "../../support/random.ts";
import { numbers } from "../operators/case.ts";
import {
  broadcastable,
  broadcasting,
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
  over,
  perhaps,
  sprinkled,
} from "./draw.ts";

const ARITHMETIC = ["Add", "Sub", "Mul"];
const arithmetic =
  (op: string): Draw =>
  (random) => {
    const dtype = mostly(random, NUMBERS);
    const [a, b] = broadcasting(random, 2) as [number[], number[]];
    return caseOf(
      op,
      [operand(random, dtype, a), operand(random, dtype, b)],
      {},
      {
        opset: opset(random, op),
        tolerance: close(dtype),
      },
    );
  };

/** Integers that are not 0; nor -1, by which the least number overflows. */
function divisor(random: Random, dtype: DType, of: readonly number[]): TensorData {
  if (FLOATS.includes(dtype)) return sprinkled(random, random.tensor(dtype, of, 0.3, 4));
  const x = random.tensor(dtype, of, 1, 7);
  if (dtype.startsWith("u") || random.chance(0.5)) return x;
  return random.tensor(dtype, of, -7, -2);
}

const div: Draw = (random) => {
  const dtype = mostly(random, NUMBERS);
  const [a, b] = broadcasting(random, 2) as [number[], number[]];
  return caseOf(
    "Div",
    [operand(random, dtype, a), divisor(random, dtype, b)],
    {},
    {
      opset: opset(random, "Div"),
      tolerance: close(dtype),
    },
  );
};

const mod: Draw = (random) => {
  const dtype = mostly(random, NUMBERS, 0.3);
  const [a, b] = broadcasting(random, 2) as [number[], number[]];
  const fmod = FLOATS.includes(dtype) ? 1 : perhaps(random, [0, 1]);
  return caseOf(
    "Mod",
    [operand(random, dtype, a), divisor(random, dtype, b)],
    { fmod },
    {
      opset: opset(random, "Mod"),
      tolerance: close(dtype),
    },
  );
};

const pow: Draw = (random) => {
  const base = mostly(random, ["float64", "int32", "int64", "float16"], 0.6);
  const version = opset(random, "Pow");
  const power = version < 12 ? base : mostly(random, ["float64", "int32", "int64"], 0.6);
  const [a, b] = broadcasting(random, 2) as [number[], number[]];
  const whole = !FLOATS.includes(base);
  const x = whole
    ? random.tensor(base, a, 1, 6)
    : sprinkled(random, random.tensor(base, a, random.pick([-3, 0]), 3));
  const y = FLOATS.includes(power)
    ? random.tensor(power, b, whole ? 0 : -3, 3)
    : random.tensor(power, b, whole ? 0 : -3, 4);
  const exponent =
    random.chance(0.3) && FLOATS.includes(power)
      ? numbers(power, [], [random.pick([0, 1, 2, 3, 2.5, 0.5, -1, -0.5])])
      : y;
  return caseOf(
    "Pow",
    [x, power === "float16" ? y : exponent],
    {},
    { opset: version, tolerance: close(base) },
  );
};

const prelu: Draw = (random) => {
  const dtype = mostly(random, ["float64", "float16", "int32", "int64", "uint32"], 0.8);
  const to = dims(random);
  const unsigned = dtype.startsWith("u");
  const slope = random.tensor(dtype, broadcastable(random, to), unsigned ? 0 : -2, 2);
  return caseOf(
    "PRelu",
    [operand(random, dtype, to), slope],
    {},
    {
      opset: opset(random, "PRelu"),
      tolerance: close(dtype),
    },
  );
};

const compare =
  (op: string): Draw =>
  (random) => {
    const dtype = mostly(random, op === "Equal" ? [...NUMBERS, "bool", "string"] : NUMBERS, 0.3);
    const [a, b] = broadcasting(random, 2) as [number[], number[]];
    const draw = (of: number[]): TensorData => {
      const unsigned = dtype.startsWith("u");
      const whole = INTEGERS.includes(dtype) && random.chance(0.8);
      return whole ? random.tensor(dtype, of, unsigned ? 0 : -1, 2) : operand(random, dtype, of);
    };
    return caseOf(op, [draw(a), draw(b)], {}, { opset: opset(random, op) });
  };

const logical =
  (op: string): Draw =>
  (random) => {
    const [a, b] = broadcasting(random, 2) as [number[], number[]];
    return caseOf(op, [random.tensor("bool", a), random.tensor("bool", b)], {}, { opset: opset(random, op) });
  };

const bitwise =
  (op: string): Draw =>
  (random) => {
    const dtype = random.pick(INTEGERS);
    const [a, b] = broadcasting(random, 2) as [number[], number[]];
    return caseOf(
      op,
      [random.tensor(dtype, a, ...ends(dtype)), random.tensor(dtype, b, ...ends(dtype))],
      {},
      {
        opset: opset(random, op),
      },
    );
  };

const bitShift: Draw = (random) => {
  const dtype = random.pick(["uint8", "uint32", "uint64"] as const);
  const [a, b] = broadcasting(random, 2) as [number[], number[]];
  const most = dtype === "uint8" ? 7 : dtype === "uint32" ? 31 : 63;
  return caseOf(
    "BitShift",
    [random.tensor(dtype, a, ...ends(dtype)), random.tensor(dtype, b, 0, most)],
    {
      direction: random.pick(["LEFT", "RIGHT"]),
    },
    { opset: opset(random, "BitShift") },
  );
};

const variadic =
  (op: string): Draw =>
  (random) => {
    const others: readonly DType[] = op === "Sum" || op === "Mean" ? FLOATS : [...FLOATS, ...INTEGERS];
    const dtype = mostly(random, others, 0.6);
    const inputs = broadcasting(random, random.whole(1, 4)).map((of) => operand(random, dtype, of));
    return caseOf(op, inputs, {}, { opset: opset(random, op, 8), tolerance: close(dtype, 1e-4) });
  };

const where: Draw = (random) => {
  const dtype = mostly(random, ["float64", "int64", "int32", "uint8", "string", "bool", "float16"], 0.4);
  const [c, a, b] = broadcasting(random, 3) as [number[], number[], number[]];
  return caseOf(
    "Where",
    [random.tensor("bool", c), operand(random, dtype, a), operand(random, dtype, b)],
    {},
    {
      opset: opset(random, "Where"),
    },
  );
};

export const draws: Draws = {
  ...over(ARITHMETIC, arithmetic),
  ...over(["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"], compare),
  ...over(["And", "Or", "Xor"], logical),
  ...over(["BitwiseAnd", "BitwiseOr", "BitwiseXor"], bitwise),
  ...over(["Max", "Min", "Sum", "Mean"], variadic),
  BitShift: bitShift,
  Div: div,
  Mod: mod,
  Pow: pow,
  PRelu: prelu,
  Where: where,
};
