import { ROUNDER } from "../../codec.ts";
import { codecOf, createData, type DType, isFloat } from "../../dtype.ts";
import { allNumbers } from "../../graph/dims.ts";
import type { Dim, Fact } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { axisOf } from "../shared/axes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** The integers that QuantizeLinear gives, with their ranges. */
export const QUANTIZED_RANGE: Readonly<Partial<Record<DType, readonly [min: number, max: number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int4: [-8, 7],
  uint4: [0, 15],
  int2: [-2, 1],
  uint2: [0, 3],
};

/** The dtypes that QuantizeLinear gives: those with a range, and floats that a quotient is rounded to. */
export const QUANTIZED: readonly DType[] = [
  ...(Object.keys(QUANTIZED_RANGE) as DType[]),
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  "float4e2m1",
];

/** Whether the value is a tensor of 8-bit integers. */
export const isEightBit = (fact: Fact | undefined): boolean =>
  fact?.container === undefined && (fact?.dtype === "int8" || fact?.dtype === "uint8");

/** Which scale each element of a tensor uses: element (o, a, i) uses `(o·scales + ⌊a / block⌋)·inner′ + i′`. */
export interface Granularity {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
  /** Scales along the axis. */
  readonly scales: number;
  readonly block: number;
  /** Blocked: each inner and outer position has scales of its own. */
  readonly blocked: boolean;
}

interface Failing {
  fail(message: string): never;
}

export interface QuantizeAttributes {
  readonly axis: number;
  readonly blockSize: number;
}

/** One scale for all, one for each slice of an axis, or one for each block along it (block_size). */
export function granularity(
  context: Failing & { readonly attributes: QuantizeAttributes },
  x: readonly number[],
  scale: readonly number[],
): Granularity {
  const { axis, blockSize } = context.attributes;
  const count = elementCount(x);
  if (blockSize === 0 && (scale.length === 0 || (scale.length === 1 && scale[0] === 1))) {
    return { outer: 1, size: 1, inner: count, scales: 1, block: 1, blocked: false };
  }
  const at = axisOf(context, axis, x.length);
  const size = x[at] as number;
  const outer = elementCount(x.slice(0, at));
  const inner = elementCount(x.slice(at + 1));
  if (blockSize === 0) {
    if (scale.length !== 1 || scale[0] !== size) {
      context.fail(`the scale must be a scalar or have the ${size} elements of axis ${axis}, got [${scale}]`);
    }
    return { outer, size, inner, scales: size, block: 1, blocked: false };
  }
  const scales = Math.ceil(size / blockSize);
  if (scale.length !== x.length || scale.some((dim, i) => dim !== (i === at ? scales : x[i]))) {
    const expected = x.map((dim, i) => (i === at ? scales : dim));
    context.fail(
      `blocks of ${blockSize} along axis ${axis} of [${x}] need scales [${expected}], got [${scale}]`,
    );
  }
  return { outer, size, inner, scales, block: blockSize, blocked: true };
}

/** Calls `run(from, count, scale)` for every stretch of elements that share a scale, or (blocked) step along the scales. */
function forEachStretch(
  g: Granularity,
  run: (from: number, count: number, scale: number, step: number) => void,
): void {
  for (let o = 0; o < g.outer; o++) {
    for (let a = 0; a < g.size; a++) {
      const from = (o * g.size + a) * g.inner;
      if (g.blocked) run(from, g.inner, (o * g.scales + Math.floor(a / g.block)) * g.inner, 1);
      else run(from, g.inner, g.scales === 1 ? 0 : a, 0);
    }
  }
}

/**
 * saturate(round(x / scale) + zeroPoint), the division in float32, halves to even, integers of NaN the lowest; `saturate` is what 8-bit floats do
 * with quotients that do not fit.
 */
export function quantize(
  x: TensorData,
  scale: TensorData,
  zeroPoint: TensorData | undefined,
  dtype: DType,
  g: Granularity,
  saturate = true,
): TensorData {
  const range = QUANTIZED_RANGE[dtype];
  const [min, max] = range ?? [-Infinity, Infinity];
  const encode = range === undefined ? codecOf(dtype)?.encode : undefined;
  const options = { saturate, roundMode: "up" };
  const data = createData(dtype, elementCount(x.dims)) as Int16Array;
  const source = toNumbers(x);
  const scales = toNumbers(scale);
  const zeros = zeroPoint && toNumbers(zeroPoint);
  forEachStretch(g, (from, count, first, step) => {
    for (let i = 0; i < count; i++) {
      const at = first + i * step;
      const zero = zeros === undefined ? 0 : (zeros[at] as number);
      const quotient = Math.fround((source[from + i] as number) / (scales[at] as number));
      const low = min - zero;
      const high = max - zero;
      const cut = quotient > low || encode !== undefined ? Math.min(quotient, high) : low;
      data[from + i] = encode?.(cut + zero, options) ?? cut + ROUNDER - ROUNDER + zero;
    }
  });
  return { dtype, dims: x.dims, data };
}

/** (x - zeroPoint)·scale in float32. */
export function dequantize(
  x: TensorData,
  scale: TensorData,
  zeroPoint: TensorData | undefined,
  dtype: DType,
  g: Granularity,
): TensorData {
  const data = new Float32Array(elementCount(x.dims));
  const source = toNumbers(x);
  const scales = toNumbers(scale);
  const zeros = zeroPoint && toNumbers(zeroPoint);
  forEachStretch(g, (from, count, first, step) => {
    for (let i = 0; i < count; i++) {
      const at = first + i * step;
      const zero = zeros === undefined ? 0 : (zeros[at] as number);
      data[from + i] = Math.fround((source[from + i] as number) - zero) * (scales[at] as number);
    }
  });
  if (dtype === "float32") return { dtype, dims: x.dims, data };
  return fromNumbers(dtype, x.dims, data);
}

/** Checks what `infer` can of a scale and a zero point that must agree, and fit x. */
export function checkParameters(
  context: Failing & { readonly attributes: QuantizeAttributes; failType(message: string): never },
  x: readonly Dim[] | undefined,
  scale: Fact,
  zeroPoint: Fact | undefined,
): void {
  if (!isFloat(scale.dtype) && scale.dtype !== "float8e8m0")
    context.failType(`the scale must be a float tensor, got ${scale.dtype}`);
  if (x && allNumbers(x) && scale.dims && allNumbers(scale.dims)) granularity(context, x, scale.dims);
  const [a, b] = [scale.dims, zeroPoint?.dims];
  if (a === undefined || b === undefined) return;
  const size = (dims: readonly Dim[]) => (dims.every((dim) => dim === 1) ? "1" : dims.join());
  const known = [...a, ...b].every((dim) => typeof dim === "number");
  if (known && size(a) !== size(b))
    context.fail(`the zero point [${b}] must have the dims of the scale [${a}]`);
}
