import { elementCount } from "../../tensor.ts";

/**
 * Calls `visit(i, a, b)` for every element of `dims` in row-major order; `a` and `b` are the element offsets under the
 * two sets of strides.
 */
export function forEachStrided(
  dims: readonly number[],
  aStrides: readonly number[],
  bStrides: readonly number[],
  visit: (i: number, a: number, b: number) => void,
): void {
  const rank = dims.length;
  const count = elementCount(dims);
  const index = new Array<number>(rank).fill(0);
  let a = 0;
  let b = 0;
  for (let i = 0; i < count; i++) {
    visit(i, a, b);
    for (let axis = rank - 1; axis >= 0; axis--) {
      a += aStrides[axis] as number;
      b += bStrides[axis] as number;
      const next = (index[axis] as number) + 1;
      if (next < (dims[axis] as number)) {
        index[axis] = next;
        break;
      }
      a -= (aStrides[axis] as number) * next;
      b -= (bStrides[axis] as number) * next;
      index[axis] = 0;
    }
  }
}

/** The element offset under `strides` of every element of `dims`, in row-major order. */
export function stridedOffsets(dims: readonly number[], strides: readonly number[], start = 0): Int32Array {
  const offsets = new Int32Array(elementCount(dims));
  forEachStrided(dims, strides, strides, (i, a) => {
    offsets[i] = start + a;
  });
  return offsets;
}
