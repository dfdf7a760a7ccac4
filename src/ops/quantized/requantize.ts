import { ROUNDER } from "../../codec.ts";
import { createData, type DType } from "../../dtype.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { QUANTIZED_RANGE } from "./quantization.ts";

/**
 * int32 sums as 8-bit numbers: saturate(round(sum·scale) + zero), in float32. Element i uses scale
 * `⌊i / run⌋ % scales.length`.
 */
export function requantize(
  sums: Int32Array,
  dims: readonly number[],
  scales: Float32Array,
  run: number,
  zero: number,
  dtype: DType,
): TensorData {
  const [min, max] = QUANTIZED_RANGE[dtype] as readonly [number, number];
  const data = createData(dtype, elementCount(dims)) as Int8Array;
  const low = min - zero;
  const high = max - zero;
  for (let from = 0, block = 0; from < data.length; from += run, block++) {
    const scale = scales[block % scales.length] as number;
    const end = Math.min(from + run, data.length);
    for (let i = from; i < end; i++) {
      const value = Math.fround(Math.fround(sums[i] as number) * scale);
      const cut = Math.min(Math.max(value, low), high);
      data[i] = cut + ROUNDER - ROUNDER + zero;
    }
  }
  return { dtype, dims, data };
}

/** a·b / y for each b, in float32. */
export const outputScales = (a: number, b: ArrayLike<number>, y: number): Float32Array =>
  Float32Array.from(b, (scale) => Math.fround(Math.fround(a * scale) / y));
