import { type AnyData, createData } from "../../dtype.ts";
import { rowMajorStrides } from "../../graph/dims.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { like } from "../shared/elements.ts";

/** Elements moved from one strided box to another of the same dims; starts and strides in elements. */
export interface StridedCopy {
  readonly dims: readonly number[];
  readonly sourceStart: number;
  readonly sourceStrides: readonly number[];
  readonly targetStart: number;
  readonly targetStrides: readonly number[];
}

/**
 * The same movement with as few dims as possible: sizes of 1 dropped, axes ordered as the target lies (outermost
 * first), neighbours merged where both sides run on. A single element gets dims [1].
 */
export function coalesce(copy: StridedCopy): StridedCopy {
  const axes = copy.dims.map((size, axis) => ({
    size,
    source: copy.sourceStrides[axis] as number,
    target: copy.targetStrides[axis] as number,
  }));
  const merged: typeof axes = [];
  for (const axis of axes.filter(({ size }) => size !== 1).sort((a, b) => b.target - a.target)) {
    const outer = merged.at(-1);
    if (
      outer !== undefined &&
      outer.source === axis.source * axis.size &&
      outer.target === axis.target * axis.size
    ) {
      outer.size *= axis.size;
      outer.source = axis.source;
      outer.target = axis.target;
    } else {
      merged.push(axis);
    }
  }
  if (merged.length === 0) merged.push({ size: 1, source: 1, target: 1 });
  return {
    dims: merged.map(({ size }) => size),
    sourceStart: copy.sourceStart,
    sourceStrides: merged.map(({ source }) => source),
    targetStart: copy.targetStart,
    targetStrides: merged.map(({ target }) => target),
  };
}

/** Shorter runs than this are copied element by element: two subarray objects cost more. */
const RUN_ELEMENTS = 24;

/** Copies `count` neighbouring elements between arrays of the same kind. */
export function copyRun(source: AnyData, from: number, target: AnyData, to: number, count: number): void {
  if (count >= RUN_ELEMENTS && !Array.isArray(source)) {
    (target as Float32Array).set((source as Float32Array).subarray(from, from + count), to);
    return;
  }
  const read = source as Float32Array;
  const write = target as Float32Array;
  for (let i = 0; i < count; i++) write[to + i] = read[from + i] as number;
}

/** Performs the movement on plain arrays of the same kind, any dtype. */
export function copyStrided(source: AnyData, target: AnyData, copy: StridedCopy): void {
  if (copy.dims.includes(0)) return;
  const { dims, sourceStrides, targetStrides, sourceStart, targetStart } = coalesce(copy);
  const last = dims.length - 1;
  const inner = dims[last] as number;
  const innerSource = sourceStrides[last] as number;
  const innerTarget = targetStrides[last] as number;
  const contiguous = innerSource === 1 && innerTarget === 1;
  const outer = elementCount(dims.slice(0, last));
  const index = new Array<number>(last).fill(0);
  const read = source as Float32Array;
  const write = target as Float32Array;
  let from = sourceStart;
  let to = targetStart;
  for (let row = 0; row < outer; row++) {
    if (contiguous) {
      copyRun(source, from, target, to, inner);
    } else {
      for (let i = 0; i < inner; i++) write[to + i * innerTarget] = read[from + i * innerSource] as number;
    }
    for (let axis = last - 1; axis >= 0; axis--) {
      from += sourceStrides[axis] as number;
      to += targetStrides[axis] as number;
      const next = (index[axis] as number) + 1;
      if (next < (dims[axis] as number)) {
        index[axis] = next;
        break;
      }
      from -= (sourceStrides[axis] as number) * next;
      to -= (targetStrides[axis] as number) * next;
      index[axis] = 0;
    }
  }
}

/** A row-major tensor of `dims` whose elements lie in the input at `start` under `strides`. */
export function readStrided(
  tensor: TensorData,
  dims: readonly number[],
  start: number,
  strides: readonly number[],
): TensorData {
  const data = createData(tensor.dtype, elementCount(dims));
  copyStrided(tensor.data, data, {
    dims,
    sourceStart: start,
    sourceStrides: strides,
    targetStart: 0,
    targetStrides: rowMajorStrides(dims),
  });
  return like(tensor, dims, data);
}
