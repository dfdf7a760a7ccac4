import type { DType } from "../../../src/dtype.ts";
import { findOp } from "../../../src/ops/table.ts";
import type { TensorData } from "../../../src/tensor.ts";
import type { Tolerance } from "../../support/compare.ts";
import type { AttributeSpec } from "../../support/onnx-model.ts";
import type { Random } from "../../support/random.ts";
import { type Case, numbers, operatorCase, type Setting } from "../operators/case.ts";

/** Draws a case of one operator. */
export type Draw = (random: Random) => Case;
/** The draws of a family by operator. */
export type Draws = Readonly<Record<string, Draw>>;

/** The last version of ai.onnx that onnxruntime-node takes without a warning of its own. */
const LAST_OPSET = 23;

/** A version of ai.onnx that has the operator, from 7, the first that onnxruntime takes. */
export function opset(random: Random, op: string, first = 7, last = LAST_OPSET): number {
  const since = findOp("", op)?.since ?? [];
  const low = Math.max(first, since[0] ?? 0);
  const changes = since.filter((version) => version >= low && version <= last);
  return changes.length > 0 && random.chance(0.5) ? random.pick(changes) : random.whole(low, last);
}

/** Row-major dims: mostly small, now and then one long enough for the kernels' widest loop, or empty. */
export function dims(random: Random, lowest = 0, highest = 4): number[] {
  const rank = random.whole(lowest, highest);
  const result = Array.from({ length: rank }, () => random.whole(1, 5));
  if (rank > 0 && random.chance(0.15)) result[random.whole(0, rank - 1)] = random.whole(6, 37);
  if (rank > 0 && random.chance(0.03)) result[random.whole(0, rank - 1)] = 0;
  return result;
}

/** Without empty dims. */
export const filled = (random: Random, lowest = 0, highest = 4): number[] =>
  dims(random, lowest, highest).map((dim) => Math.max(dim, 1));

/** Dims that broadcast to the given ones. */
export function broadcastable(random: Random, to: readonly number[]): number[] {
  const kept = random.chance(0.6) ? to : to.slice(random.whole(0, to.length));
  return kept.map((dim) => (random.chance(0.25) ? 1 : dim));
}

/** Dims of `count` operands that broadcast with one another. */
export function broadcasting(random: Random, count: number, highest = 4): number[][] {
  const to = dims(random, 0, highest);
  return Array.from({ length: count }, () => broadcastable(random, to));
}

/** An axis of that rank, counted from either end. */
export const axisOf = (random: Random, rank: number): number => random.whole(-rank, rank - 1);

/** Some of the axes of that rank, each once, in any order, counted from either end. */
export function axesOf(random: Random, rank: number, fewest = 0): number[] {
  const all = random.shuffle(Array.from({ length: rank }, (_, i) => i));
  const some = all.slice(0, random.whole(Math.min(fewest, rank), rank));
  return some.map((axis) => (random.chance(0.4) ? axis - rank : axis));
}

const ODD = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -3.5, 1e-8, -1e-8, 1e-40, 80, -80, 104, -104, 1e30, -1e30];
const ENDLESS = [Number.NaN, Infinity, -Infinity];

/** The tensor with some of its floats replaced by ones that arithmetic stumbles over. */
export function sprinkled(random: Random, tensor: TensorData, values = [...ODD, ...ENDLESS]): TensorData {
  if (!tensor.dtype.startsWith("float") || !random.chance(0.3)) return tensor;
  const { data } = numbers(tensor.dtype, tensor.dims, []);
  const half = tensor.dtype === "float16";
  for (let i = 0; i < data.length; i++) {
    const own = tensor.data[i] as number;
    (data as Float32Array)[i] = random.chance(0.4)
      ? half
        ? halfOf(random.pick(values))
        : random.pick(values)
      : own;
  }
  return { ...tensor, data } as TensorData;
}
const halfOf = (value: number): number => {
  const exact: Readonly<Record<string, number>> = {
    "1": 0x3c00,
    "-1": 0xbc00,
    "0.5": 0x3800,
    "-0.5": 0xb800,
  };
  if (Number.isNaN(value)) return 0x7e00;
  if (value === Infinity) return 0x7c00;
  if (value === -Infinity) return 0xfc00;
  return exact[String(value)] ?? (Object.is(value, -0) ? 0x8000 : 0);
};

export const FLOATS: readonly DType[] = ["float32", "float64", "float16"];
export const INTEGERS: readonly DType[] = [
  "int32",
  "int64",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "uint32",
  "uint64",
];
export const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS];
export const ANY: readonly DType[] = [...NUMBERS, "bool", "string"];

/** float32 for the greater part, or one of the others. */
export const mostly = (random: Random, others: readonly DType[], share = 0.5): DType =>
  random.chance(share) ? "float32" : random.pick(others);

/** How far results of one rounding or a few may lie apart. */
export const close = (dtype: DType, rtol = 1e-5): Tolerance =>
  dtype === "float16" ? { rtol: 2e-3, atol: 2e-4 } : { rtol, atol: 0 };
/** The same for sums of many terms. */
export const summed = (dtype: DType): Tolerance =>
  dtype === "float16" ? { rtol: 1e-2, atol: 4e-3 } : { rtol: 1e-4, atol: 1e-5 };

/** Attributes of which undefined ones are left out. */
export function attributes(
  given: Readonly<Record<string, AttributeSpec | undefined>>,
): Record<string, AttributeSpec> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<
    string,
    AttributeSpec
  >;
}

/** One of the values, or none: the attribute is left out. */
export const perhaps = <T>(random: Random, values: readonly T[], share = 0.6): T | undefined =>
  random.chance(share) ? random.pick(values) : undefined;

/** An operator's case without the optional inputs that trail undefined. */
export function caseOf(
  op: string,
  inputs: readonly (TensorData | undefined)[],
  given: Readonly<Record<string, AttributeSpec | undefined>> = {},
  setting: Setting = {},
): Case {
  const kept = [...inputs];
  while (kept.length > 0 && kept.at(-1) === undefined) kept.pop();
  return operatorCase(op, kept, attributes(given), setting);
}

/** The number of elements that dims span. */
export const count = (of: readonly number[]): number => of.reduce((a, b) => a * b, 1);

/** A tensor of any dtype. */
export const any = (random: Random, of: readonly number[]): TensorData =>
  random.tensor(mostly(random, ANY, 0.4), of, 0, 9);

/** The axis counted from the front. */
export const upward = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Ends of an integer dtype, within what JavaScript counts exactly. */
export const ends = (dtype: DType): [number, number] => {
  const bits = Math.min(Number(/\d+/.exec(dtype)?.[0]), 52);
  return dtype.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
};
/** Numbers of a dtype; at times integers from its whole range, which overflow. */
export function operand(random: Random, dtype: DType, of: readonly number[], low = -4, high = 4): TensorData {
  if (FLOATS.includes(dtype)) return sprinkled(random, random.tensor(dtype, of, low, high));
  if (dtype === "bool" || dtype === "string") return random.tensor(dtype, of);
  if (random.chance(0.2)) return random.tensor(dtype, of, ...ends(dtype));
  return random.tensor(dtype, of, dtype.startsWith("u") ? 0 : -9, 9);
}

/** The draws of several operators that differ in name. */
export const over = (ops: readonly string[], draw: (op: string) => Draw): Draws =>
  Object.fromEntries(ops.map((op) => [op, draw(op)]));
