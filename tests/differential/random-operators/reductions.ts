import type { DType } from "../../../src/dtype.ts";
import type { TensorData } from "../../../src/tensor.ts";
import type { Random } from "../../support/random.ts";
import { longs, numbers } from "../operators/case.ts";
import {
  ANY,
  axesOf,
  axisOf,
  caseOf,
  type Draw,
  type Draws,
  dims,
  FLOATS,
  filled,
  INTEGERS,
  mostly,
  opset,
  perhaps,
  sprinkled,
  summed,
} from "./draw.ts";

const OPS = [
  "ReduceL1",
  "ReduceL2",
  "ReduceLogSum",
  "ReduceLogSumExp",
  "ReduceMax",
  "ReduceMean",
  "ReduceMin",
  "ReduceProd",
  "ReduceSum",
  "ReduceSumSquare",
];
const SPECIAL = [0, -0, 1, Infinity, -Infinity, Number.NaN];

/** Integers whose product every dtype holds: what comes of an overflow is nobody's promise. */
function factors(random: Random, { dtype, dims }: TensorData): TensorData {
  const values = Array<number>(dims.reduce((a, b) => a * b, 1)).fill(1);
  for (let i = 0; i < 4 && values.length > 0; i++)
    values[random.whole(0, values.length - 1)] = random.whole(0, 3);
  return numbers(dtype, dims, values);
}

const reduce =
  (op: string): Draw =>
  (random) => {
    const version = opset(random, op);
    const dtype = mostly(random, ["float64", "int32", "int64", "float16", "uint8", "int8"], 0.6);
    const of = dims(random, 0, 5);
    // Logarithms and products lose their digits near 0 and beyond; integers stay small enough for every dtype.
    const signed = !["ReduceLogSum", "ReduceProd"].includes(op) && !dtype.startsWith("u");
    const whole = INTEGERS.includes(dtype);
    const made = random.tensor(dtype, of, whole ? (signed ? -3 : 1) : signed ? -2 : 0.5, whole ? 3 : 2);
    const x =
      whole && op === "ReduceProd"
        ? factors(random, made)
        : random.chance(0.3)
          ? sprinkled(random, made, SPECIAL)
          : made;
    const axes = axesOf(random, of.length);
    const attribute = version < (op === "ReduceSum" ? 13 : 18);
    // A negative axis is of opset 11.
    const given = attribute && version < 11 ? axes.map((axis) => (axis < 0 ? axis + of.length : axis)) : axes;
    const use = given.length > 0 && random.chance(0.8);
    const empty = random.chance(0.3) ? numbers("int64", [0], []) : undefined;
    return caseOf(
      op,
      attribute ? [x] : [x, use ? longs(...given) : empty],
      {
        axes: attribute && use ? given : undefined,
        keepdims: perhaps(random, [0, 1]),
        noop_with_empty_axes: attribute ? undefined : perhaps(random, [0, 1], 0.4),
      },
      { opset: version, tolerance: summed(dtype) },
    );
  };

const extreme =
  (op: string): Draw =>
  (random) => {
    const version = opset(random, op);
    const dtype = mostly(random, ["float64", "int32", "int64", "uint8", "int8", "float16"]);
    const of = filled(random, 1, 4);
    const whole = INTEGERS.includes(dtype);
    const unsigned = dtype.startsWith("u");
    const made = random.tensor(dtype, of, unsigned ? 0 : -2, 2);
    // Few different numbers: ties.
    const x =
      whole || random.chance(0.6) ? made : sprinkled(random, made, [1, -1, 3, -3, Infinity, -Infinity]);
    const axis = axisOf(random, of.length);
    return caseOf(
      op,
      [x],
      {
        axis: random.chance(0.8) ? (version < 11 && axis < 0 ? axis + of.length : axis) : undefined,
        keepdims: perhaps(random, [0, 1]),
        select_last_index: version >= 12 ? perhaps(random, [0, 1]) : undefined,
      },
      { opset: version },
    );
  };

const topK: Draw = (random) => {
  const version = opset(random, "TopK");
  const dtype: DType =
    version < 11
      ? mostly(random, ["float64"])
      : mostly(random, ["float64", "int32", "int64", "float16", "int8", "uint8"]);
  const of = filled(random, 1, 4);
  const axis = axisOf(random, of.length);
  const most = of.at(axis) as number;
  const k = random.whole(0, most);
  const unsigned = dtype.startsWith("u");
  const made = random.tensor(dtype, of, unsigned ? 0 : -4, 4);
  const x = sprinkled(random, made, [1, -1, 0, Infinity, -Infinity]);
  const at = version < 11 && axis < 0 ? axis + of.length : axis;
  const given = {
    axis: random.chance(0.8) || of.length > 1 ? at : undefined,
    largest: version >= 11 ? perhaps(random, [0, 1]) : undefined,
    // An order that nobody promises is not to be compared.
    sorted: version >= 11 ? (k === 1 ? perhaps(random, [0, 1]) : perhaps(random, [1])) : undefined,
  };
  if (version < 10)
    return caseOf("TopK", [x], { ...given, k: Math.max(k, 1) }, { opset: version, outputs: 2 });
  return caseOf("TopK", [x, longs(k)], given, { opset: version, outputs: 2 });
};

const cumSum: Draw = (random) => {
  const dtype = mostly(random, ["float64", "int32", "int64"]);
  const of = dims(random, 1, 4);
  const axis = numbers(random.pick(["int32", "int64"] as const), random.pick([[], [1]]), [
    axisOf(random, of.length),
  ]);
  return caseOf(
    "CumSum",
    [random.tensor(dtype, of, -9, 9), axis],
    { exclusive: perhaps(random, [0, 1]), reverse: perhaps(random, [0, 1]) },
    { opset: opset(random, "CumSum"), tolerance: summed(dtype) },
  );
};

const softmax =
  (op: string): Draw =>
  (random) => {
    const version = opset(random, op);
    const dtype = mostly(random, ["float64", "float16"], 0.8);
    const of = dims(random, 1, 4);
    const axis = axisOf(random, of.length);
    const values = op === "Hardmax" ? [1, -1, 3, -3] : [100, -100, 0, -Infinity, 50];
    const made = random.tensor(dtype, of, -4, 4);
    const x = random.chance(0.5) ? sprinkled(random, made, values) : made;
    return caseOf(
      op,
      [x],
      { axis: random.chance(0.8) ? (version < 11 && axis < 0 ? axis + of.length : axis) : undefined },
      { opset: version, tolerance: summed(dtype) },
    );
  };

const nonZero: Draw = (random) => {
  const dtype = mostly(random, ["bool", "int32", "int64", "uint8"], 0.2);
  const x = random.tensor(dtype, dims(random, 0, 4), dtype.startsWith("float") ? -1 : 0, 1);
  return caseOf(
    "NonZero",
    [sprinkled(random, x, [0, -0, 1, Number.NaN])],
    {},
    { opset: opset(random, "NonZero") },
  );
};

const unique: Draw = (random) => {
  const dtype = mostly(random, ["float64", "int64", "int8", "string"], 0.3);
  const of = filled(random, 1, 3);
  const x = FLOATS.includes(dtype)
    ? sprinkled(
        random,
        numbers(
          dtype,
          of,
          Array.from({ length: of.reduce((a, b) => a * b, 1) }, () => random.whole(-2, 2)),
        ),
      )
    : random.tensor(dtype, of, -2, 2);
  const outputs = random.pick([
    ["y"],
    ["y", "first"],
    ["y", "", "inverse"],
    ["y", "first", "inverse", "counts"],
  ]);
  return caseOf(
    "Unique",
    [x],
    { axis: random.chance(0.5) ? axisOf(random, of.length) : undefined, sorted: perhaps(random, [0, 1]) },
    { opset: opset(random, "Unique"), outputs },
  );
};

const compress: Draw = (random) => {
  const dtype = random.pick(ANY);
  const of = filled(random, 1, 4);
  const axis = axisOf(random, of.length);
  const flat = random.chance(0.3);
  const size = flat ? of.reduce((a, b) => a * b, 1) : (of.at(axis) as number);
  const version = opset(random, "Compress");
  return caseOf(
    "Compress",
    [random.tensor(dtype, of, 0, 9), random.tensor("bool", [random.whole(1, size)])],
    { axis: flat ? undefined : version < 11 && axis < 0 ? axis + of.length : axis },
    { opset: version },
  );
};

const ONE_HOT_DTYPES: readonly (readonly [DType, DType, DType])[] = [
  ["int64", "int64", "int64"],
  ["float32", "int64", "int64"],
  ["int64", "int64", "string"],
  ["float32", "int64", "string"],
  ["int64", "int64", "float32"],
  ["int32", "int32", "float32"],
  ["int32", "float32", "float32"],
  ["float32", "float32", "float32"],
  ["int64", "int32", "float32"],
];
const oneHot: Draw = (random) => {
  // Of indices, depth and values, what onnxruntime has together.
  const [at, wide, values] = random.pick(ONE_HOT_DTYPES);
  const depth = random.whole(1, 6);
  const of = dims(random, 1, 3);
  const size = of.reduce((a, b) => a * b, 1);
  const indices = numbers(
    at,
    of,
    Array.from({ length: size }, () => random.whole(-depth - 2, depth + 2)),
  );
  const axis = random.whole(-of.length - 1, of.length);
  return caseOf(
    "OneHot",
    [indices, numbers(wide, random.pick([[], [1]]), [depth]), random.tensor(values, [2], -3, 3)],
    { axis: perhaps(random, [axis], 0.8) },
    { opset: opset(random, "OneHot") },
  );
};

export const draws: Draws = {
  ...Object.fromEntries(OPS.map((op) => [op, reduce(op)])),
  ArgMax: extreme("ArgMax"),
  ArgMin: extreme("ArgMin"),
  Compress: compress,
  CumSum: cumSum,
  Hardmax: softmax("Hardmax"),
  LogSoftmax: softmax("LogSoftmax"),
  NonZero: nonZero,
  OneHot: oneHot,
  Softmax: softmax("Softmax"),
  TopK: topK,
  Unique: unique,
};
