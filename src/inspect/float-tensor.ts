import { arrayOf, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { elementCount, type Tensor } from "../tensor.ts";

/** The data of a float tensor; a UsageError for anything else. `name` says what it is. */
export function floatDataOf(name: string, tensor: Tensor): Float32Array | Float64Array {
  const { data, dims, type } = objectOf(name, tensor, "a tensor");
  const isFloats = data instanceof Float32Array || data instanceof Float64Array;
  if (!isFloats) throw new UsageError(`${name} must be a tensor of float32 or float64, got ${String(type)}`);
  const sizes = arrayOf(`the dims of ${name}`, dims);
  if (!sizes.every(Number.isSafeInteger) || elementCount(sizes) !== data.length)
    throw new UsageError(`${name} must have as many elements as its dims say, got ${data.length}`);
  return data;
}

/** Elements of a float tensor as numbers. */
export function floatsOf(tensor: Tensor, from = 0, to?: number): Float32Array {
  const data = floatDataOf("the tensor", tensor);
  return data instanceof Float32Array ? data.slice(from, to) : Float32Array.from(data.subarray(from, to));
}

/** The ends of numbers, of several arrays together. */
export function endsOf(...arrays: readonly Float32Array[]): readonly [least: number, greatest: number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const array of arrays)
    for (const value of array) {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
  return [least, greatest];
}
