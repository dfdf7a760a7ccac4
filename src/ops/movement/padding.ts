import { type AnyData, createData } from "../../dtype.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { like } from "../shared/elements.ts";

/** What lies around the input. */
export const PAD_MODES: readonly string[] = ["constant", "reflect", "edge", "wrap"];

/** The input index that output index `i` of an axis copies, counted in what negative pads leave; -1 for the constant. */
function sourceIndex(mode: string, i: number, size: number): number {
  if (i >= 0 && i < size) return i;
  if (mode === "edge") return i < 0 ? 0 : size - 1;
  if (mode === "wrap") return ((i % size) + size) % size;
  if (mode === "reflect") {
    if (size === 1) return 0;
    const period = 2 * (size - 1);
    const at = ((i % period) + period) % period;
    return at < size ? at : period - at;
  }
  return -1;
}

/** The input index of every output index of an axis. Negative pads crop before positive ones repeat what is left. */
export function axisMap(mode: string, begin: number, input: number, output: number): Int32Array {
  const first = Math.max(0, -begin);
  const size = input - first - Math.max(0, input + begin - output);
  return Int32Array.from({ length: output }, (_, i) => {
    const at = sourceIndex(mode, i - Math.max(0, begin), size);
    return at < 0 ? -1 : first + at;
  });
}

/** The definition: output index i of each axis is input index i - begin; negative begins crop. */
export function padTensor(
  x: TensorData,
  begins: readonly number[],
  dims: readonly number[],
  mode: string,
  value: TensorData | undefined,
): TensorData {
  let offsets = new Int32Array(1);
  dims.forEach((size, axis) => {
    const input = x.dims[axis] as number;
    const map = axisMap(mode, begins[axis] as number, input, size);
    const next = new Int32Array(offsets.length * size);
    for (let i = 0; i < offsets.length; i++) {
      const outer = offsets[i] as number;
      for (let j = 0; j < size; j++) {
        const at = map[j] as number;
        next[i * size + j] = outer < 0 || at < 0 ? -1 : outer * input + at;
      }
    }
    offsets = next;
  });
  const data: AnyData = createData(x.dtype, elementCount(dims));
  const target = data as Float32Array;
  const source = x.data as Float32Array;
  const fill = (value === undefined ? createData(x.dtype, 1) : value.data) as Float32Array;
  for (let i = 0; i < offsets.length; i++) {
    const at = offsets[i] as number;
    target[i] = (at < 0 ? fill[0] : source[at]) as number;
  }
  return like(x, dims, data);
}

/** A pad whose numbers are known while planning. */
export interface Padding {
  readonly begins: readonly number[];
  readonly mode: string;
  /** The constant's four bytes. */
  readonly bits: number;
}

/** The four bytes of a scalar of a four-byte dtype. */
export const scalarBits = (value: TensorData | undefined): number => {
  if (value === undefined) return 0;
  const { buffer, byteOffset } = value.data as Float32Array;
  return new DataView(buffer, byteOffset, 4).getInt32(0, true);
};
