import { createData, type DType, is64Bit, numberToFloat16 } from "../../src/dtype.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";

/** Draws that a seed fixes. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
  /** A tensor of numbers from `low` to `high`; whole ones where the dtype is an integer, 0 and 1 for bool. */
  tensor<T extends DType>(dtype: T, dims: readonly number[], low?: number, high?: number): TensorData<T>;
}

/** mulberry32. */
export function random(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (list) => list[whole(0, list.length - 1)] as never,
    shuffle(list) {
      const result = [...list];
      for (let i = result.length - 1; i > 0; i--) {
        const k = whole(0, i);
        [result[i], result[k]] = [result[k] as never, result[i] as never];
      }
      return result;
    },
    tensor(dtype, dims, low = -1, high = 1) {
      const data = createData(dtype, elementCount(dims)) as unknown as unknown[];
      for (let i = 0; i < data.length; i++) {
        if (dtype === "float32" || dtype === "float64") data[i] = low + next() * (high - low);
        else if (dtype === "float16") data[i] = numberToFloat16(low + next() * (high - low));
        else if (dtype === "bool") data[i] = next() < 0.5 ? 0 : 1;
        else if (dtype === "string") data[i] = ["", "a", "lane", "wise", "Ω"][whole(0, 4)];
        else data[i] = is64Bit(dtype) ? BigInt(whole(low, high)) : whole(low, high);
      }
      return { dtype, dims, data: data as never };
    },
  };
}
