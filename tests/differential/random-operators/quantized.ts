import type { DType } from "../../../src/dtype.ts";
import type { TensorData } from "../../../src/tensor.ts";
import type { Random } from "../../support/random.ts";
import { numbers, scalar } from "../operators/case.ts";
import { axisOf, caseOf, close, type Draw, type Draws, filled, opset, perhaps, sprinkled } from "./draw.ts";
import { factors } from "./products.ts";

type Byte = "uint8" | "int8";
const BYTES: readonly Byte[] = ["uint8", "int8"];
const STEP = { rtol: 1e-4, atol: 1e-5, steps: 1 };
const ends = (dtype: DType): [number, number] =>
  ({ int8: [-128, 127], uint8: [0, 255], int16: [-32768, 32767], uint16: [0, 65535] })[dtype as "int8"] as [
    number,
    number,
  ];
const full = (random: Random, dtype: DType, of: readonly number[]): TensorData =>
  random.tensor(dtype, of, ...ends(dtype));
const near = (random: Random, dtype: DType): number =>
  dtype.startsWith("u") ? random.whole(90, 160) : random.whole(-20, 20);
const zero = (random: Random, dtype: DType): TensorData => scalar(near(random, dtype), dtype);
const zeros = (random: Random, dtype: DType, count: number): TensorData =>
  numbers(
    dtype,
    [count],
    Array.from({ length: count }, () => near(random, dtype)),
  );
const step = (random: Random): TensorData => scalar(0.005 + random.next() * 0.05);
const steps = (random: Random, of: readonly number[]): TensorData =>
  random.tensor("float32", of, 0.005, 0.05);

/** Scale and zero point as the version of the operator allows: one for all, one a slice, or one a block. */
function parameters(random: Random, version: number, of: readonly number[], zeroType: DType) {
  const style = random.pick([
    "tensor",
    "tensor",
    ...(version >= 13 ? ["axis"] : []),
    ...(version >= 21 ? ["block"] : []),
  ]);
  const withZero = random.chance(0.75);
  const point = (dims: readonly number[]): TensorData | undefined => {
    if (!withZero) return undefined;
    const count = dims.reduce((a, b) => a * b, 1);
    if (zeroType === "int32") return numbers("int32", dims, Array(count).fill(0));
    return { ...zeros(random, zeroType, count), dims };
  };
  if (style === "tensor" || of.length === 0)
    return { of, scale: step(random), zero: point([]), axis: undefined, block: undefined };
  const axis = axisOf(random, of.length);
  const size = of.at(axis) as number;
  if (style === "axis")
    return { of, scale: steps(random, [size]), zero: point([size]), axis, block: undefined };
  const block = random.whole(1, 4);
  const at = axis < 0 ? axis + of.length : axis;
  const blocked = of.map((dim, i) => (i === at ? block * dim : dim));
  return { of: blocked, scale: steps(random, of), zero: point(of), axis, block };
}

const quantize: Draw = (random) => {
  const version = opset(random, "QuantizeLinear", 10);
  const dtype: DType = version >= 21 ? random.pick([...BYTES, "int16", "uint16"]) : random.pick(BYTES);
  const { of, scale, zero, axis, block } = parameters(random, version, filled(random, 0, 4), dtype);
  const made = random.tensor("float32", of, -4, 4);
  const x = random.chance(0.2) ? sprinkled(random, made, [0, -0, 1e5, -1e5, Infinity, -Infinity]) : made;
  const output_dtype =
    version >= 21 && zero === undefined
      ? { uint8: 2, int8: 3, uint16: 4, int16: 5 }[dtype as Byte]
      : undefined;
  return caseOf(
    "QuantizeLinear",
    [x, scale, zero],
    { axis, block_size: block, output_dtype },
    { opset: version },
  );
};

const dequantize: Draw = (random) => {
  const version = opset(random, "DequantizeLinear", 10);
  const dtype = random.pick([
    "uint8",
    "int8",
    "int32",
    ...(version >= 21 ? ["int16", "uint16"] : []),
  ]) as DType;
  const { of, scale, zero, axis, block } = parameters(random, version, filled(random, 0, 4), dtype);
  const x = dtype === "int32" ? random.tensor(dtype, of, -100000, 100000) : full(random, dtype, of);
  return caseOf(
    "DequantizeLinear",
    [x, scale, zero],
    { axis, block_size: block },
    { opset: version, tolerance: close("float32") },
  );
};

const dynamicQuantize: Draw = (random) => {
  const [low, high] = random.pick([
    [-2, 3],
    [0, 4],
    [1, 3],
    [-3, -1],
    [0, 0],
  ]) as [number, number];
  const x = random.tensor("float32", filled(random, 0, 4), low, high);
  return caseOf(
    "DynamicQuantizeLinear",
    [x],
    {},
    { opset: opset(random, "DynamicQuantizeLinear"), outputs: 3, tolerance: STEP },
  );
};

const matMulInteger: Draw = (random) => {
  const [a, b] = [random.pick(BYTES), random.pick(BYTES)];
  const [left, right] = factors(random);
  const perColumn = right.length === 2 && random.chance(0.2);
  return caseOf(
    "MatMulInteger",
    [
      full(random, a, left),
      full(random, b, right),
      random.chance(0.6) ? zero(random, a) : undefined,
      random.chance(0.6)
        ? perColumn
          ? zeros(random, b, right.at(-1) as number)
          : zero(random, b)
        : undefined,
    ],
    {},
    { opset: opset(random, "MatMulInteger") },
  );
};

const qLinearMatMul: Draw = (random) => {
  const [a, b] = [random.pick(BYTES), random.pick(BYTES)];
  const [left, right] = factors(random);
  const n = right.at(-1) as number;
  const perColumn = right.length === 2 && random.chance(0.3);
  const k = Math.max(left.at(-1) as number, 1);
  return caseOf(
    "QLinearMatMul",
    [
      full(random, a, left),
      step(random),
      zero(random, a),
      full(random, b, right),
      perColumn ? steps(random, [n]) : step(random),
      perColumn ? zeros(random, b, n) : zero(random, b),
      scalar(0.1 * Math.sqrt(k)),
      zero(random, a),
    ],
    {},
    { opset: opset(random, "QLinearMatMul"), tolerance: STEP },
  );
};

/** An image, weights and where they go; images of one and of two dims. */
function window(random: Random) {
  const rank = random.pick([1, 2, 2, 2]);
  const each = (low: number, high: number): number[] =>
    Array.from({ length: rank }, () => random.whole(low, high));
  const kernel = each(1, 3);
  const dilations = random.chance(0.2) ? each(1, 2) : each(1, 1);
  const strides = each(1, 2);
  const group = random.pick([1, 1, 2, 4]);
  const inner = group > 1 && random.chance(0.5) ? 1 : random.whole(1, 5);
  const outer = random.whole(1, random.chance(0.2) ? 20 : 4);
  const image = kernel.map((size, i) => (size - 1) * (dilations[i] as number) + 1 + random.whole(0, 6));
  const auto = perhaps(random, ["VALID", "SAME_UPPER", "SAME_LOWER"], 0.2);
  const pads = auto === undefined && random.chance(0.6) ? [...each(0, 1), ...each(0, 1)] : undefined;
  return {
    image: [random.whole(1, 2), group * inner, ...image],
    weights: [group * outer, inner, ...kernel],
    given: {
      group: group > 1 ? group : undefined,
      strides: strides.every((one) => one === 1) ? undefined : strides,
      dilations: dilations.every((one) => one === 1) ? undefined : dilations,
      auto_pad: auto,
      pads,
      kernel_shape: perhaps(random, [kernel]),
    },
  };
}

const convInteger: Draw = (random) => {
  const { image, weights, given } = window(random);
  const [x, w] = [random.pick(BYTES), random.pick(BYTES)];
  return caseOf(
    "ConvInteger",
    [
      full(random, x, image),
      full(random, w, weights),
      random.chance(0.7) ? zero(random, x) : undefined,
      random.chance(0.4) ? zero(random, w) : undefined,
    ],
    given,
    { opset: opset(random, "ConvInteger") },
  );
};

const qLinearConv: Draw = (random) => {
  const { image, weights, given } = window(random);
  const [x, w] = random.pick([
    ["uint8", "uint8"],
    ["uint8", "int8"],
    ["int8", "int8"],
  ]) as [Byte, Byte];
  const count = weights[0] as number;
  const perChannel = random.chance(0.4);
  const point = near(random, w);
  const reach = weights.slice(1).reduce((a, b) => a * b, 1);
  return caseOf(
    "QLinearConv",
    [
      full(random, x, image),
      step(random),
      zero(random, x),
      full(random, w, weights),
      perChannel ? steps(random, [count]) : step(random),
      perChannel
        ? numbers(w, [count], Array(count).fill(w === "int8" ? 0 : point))
        : scalar(w === "int8" ? 0 : point, w),
      scalar(0.1 * Math.sqrt(reach)),
      zero(random, x),
      random.chance(0.6) ? random.tensor("int32", [count], -3000, 3000) : undefined,
    ],
    given,
    { opset: opset(random, "QLinearConv"), tolerance: STEP },
  );
};

export const draws: Draws = {
  ConvInteger: convInteger,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
  MatMulInteger: matMulInteger,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
  QuantizeLinear: quantize,
};
