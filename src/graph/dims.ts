import { elementCount } from "../tensor.ts";
import type { Dim } from "./graph.ts";

/** Applies a function to sizes; unknown as soon as one of them is. */
export function mapDims(fn: (...sizes: number[]) => number, ...dims: Dim[]): Dim {
  return dims.every((dim) => typeof dim === "number") ? fn(...(dims as number[])) : "?";
}

/** The most axes a tensor may have, as in NumPy: a file of a few bytes can ask for billions. */
export const MAX_RANK = 64;

/** A negative axis counted from the end; the caller checks the range. */
export const normalizeAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The product of dims, or `"?"`. */
export const dimProduct = (dims: readonly Dim[]): Dim => mapDims((...sizes) => elementCount(sizes), ...dims);

export const allNumbers = (dims: readonly Dim[]): dims is readonly number[] =>
  dims.every((dim) => typeof dim === "number");

/**
 * Multidirectional broadcasting (ONNX Broadcasting.md); undefined where two known sizes clash.
 */
export function broadcastDims(...shapes: readonly (readonly Dim[])[]): Dim[] | undefined {
  const rank = Math.max(0, ...shapes.map((dims) => dims.length));
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let size: Dim = 1;
    for (const dims of shapes) {
      const dim = dims[axis - rank + dims.length];
      if (dim === undefined || dim === 1 || dim === size) continue;
      if (size === 1) size = dim;
      else if (typeof dim === "number" && typeof size === "number") return undefined;
      else if (typeof dim === "number") size = dim;
      else if (typeof size === "string") size = "?";
    }
    result.push(size);
  }
  return result;
}

/** Row-major element strides. */
export function rowMajorStrides(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let stride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= dims[axis] as number;
  }
  return strides;
}

/** Row-major strides of `dims` seen as `target`: 0 where a size of 1 (or a missing axis) is repeated. */
export function broadcastStrides(dims: readonly number[], target: readonly number[]): number[] {
  const own = rowMajorStrides(dims);
  return target.map((_, axis) => {
    const at = axis - target.length + dims.length;
    return at < 0 || dims[at] === 1 ? 0 : (own[at] as number);
  });
}

/** Whether dims that should be the same are known not to be. */
export const disagree = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length !== b.length ||
  a.some((size, axis) => typeof size === "number" && typeof b[axis] === "number" && size !== b[axis]);

export const showDims = (dims: readonly Dim[] | undefined): string =>
  dims ? `[${dims.join(", ")}]` : "[unknown rank]";
