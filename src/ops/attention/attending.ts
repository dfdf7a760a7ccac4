import { spend } from "../../interruptible.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { type Numbers, toNumbers } from "../shared/elements.ts";

/** Vectors by batch entry, head and position, with the elements from one to the next of each. */
export interface Heads {
  readonly data: Numbers;
  readonly batch: number;
  readonly heads: number;
  readonly length: number;
  readonly size: number;
  readonly batchStride: number;
  readonly headStride: number;
  readonly rowStride: number;
}

/** A tensor [batch, heads, length, size], or [batch, length, heads·size] with the number of heads. */
export function headsOf(tensor: TensorData, heads: number | undefined): Heads {
  const data = toNumbers(tensor);
  if (tensor.dims.length === 4) {
    const [batch, count, length, size] = tensor.dims as [number, number, number, number];
    const headStride = length * size;
    return {
      data,
      batch,
      heads: count,
      length,
      size,
      batchStride: count * headStride,
      headStride,
      rowStride: size,
    };
  }
  const [batch, length, width] = tensor.dims as [number, number, number];
  const size = width / (heads as number);
  return {
    data,
    batch,
    heads: heads as number,
    length,
    size,
    batchStride: length * width,
    headStride: size,
    rowStride: width,
  };
}

const contiguous = (data: Numbers, batch: number, heads: number, length: number, size: number): Heads => ({
  data,
  batch,
  heads,
  length,
  size,
  batchStride: heads * length * size,
  headStride: length * size,
  rowStride: size,
});

/** Calls `visit` for every vector with its start. */
function eachRow(heads: Heads, visit: (b: number, h: number, i: number, start: number) => void): void {
  for (let b = 0; b < heads.batch; b++) {
    for (let h = 0; h < heads.heads; h++) {
      const base = b * heads.batchStride + h * heads.headStride;
      for (let i = 0; i < heads.length; i++) visit(b, h, i, base + i * heads.rowStride);
    }
  }
}

/** The past vectors [batch, heads, length, size] with the new ones behind them, contiguous. */
export function appendHeads(past: TensorData | undefined, added: Heads): Heads {
  const before = past === undefined ? undefined : headsOf(past, undefined);
  const length = (before?.length ?? 0) + added.length;
  const { batch, heads, size } = added;
  const result = contiguous(new Float64Array(batch * heads * length * size), batch, heads, length, size);
  const copy = (from: Heads, offset: number) =>
    eachRow(from, (b, h, i, start) => {
      const to = b * result.batchStride + h * result.headStride + (offset + i) * size;
      for (let d = 0; d < size; d++) result.data[to + d] = from.data[start + d] as number;
    });
  if (before !== undefined) copy(before, 0);
  copy(added, before?.length ?? 0);
  return result;
}

/** scale·q·k for every query and key: [batch, query heads, queries, keys]. A key head serves several query heads. */
export function scores(q: Heads, k: Heads, scale: number): Float64Array {
  const result = new Float64Array(q.batch * q.heads * q.length * k.length);
  const share = q.heads / k.heads;
  let at = 0;
  eachRow(q, (b, h, _i, start) => {
    const base = b * k.batchStride + Math.floor(h / share) * k.headStride;
    spend(k.length * q.size);
    for (let j = 0; j < k.length; j++) {
      const from = base + j * k.rowStride;
      let sum = 0;
      for (let d = 0; d < q.size; d++) sum += (q.data[start + d] as number) * (k.data[from + d] as number);
      result[at++] = sum * scale;
    }
  });
  return result;
}

/** Softmax of rows of `length` scores, in place; a row that is -∞ all over (nothing to attend to) becomes 0. */
export function softmaxRows(values: Float64Array, length: number): void {
  for (let start = 0; start < values.length; start += length) {
    const row = values.subarray(start, start + length);
    let max = -Infinity;
    for (const value of row) max = Math.max(max, value);
    if (max === -Infinity) {
      row.fill(0);
      continue;
    }
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const e = Math.exp((row[i] as number) - max);
      row[i] = e;
      sum += e;
    }
    for (let i = 0; i < length; i++) row[i] = (row[i] as number) / sum;
  }
}

/**
 * Sums of value vectors weighted by [batch, query heads, queries, keys], laid out [batch, heads, queries, size] or,
 * `packed`, [batch, queries, heads·size]. A weight of 0 leaves its vector out, whatever that holds.
 */
export function weightedValues(
  weights: Float64Array,
  v: Heads,
  heads: number,
  queries: number,
  packed: boolean,
): Float64Array {
  const result = new Float64Array(v.batch * heads * queries * v.size);
  const share = heads / v.heads;
  let row = 0;
  for (let b = 0; b < v.batch; b++) {
    for (let h = 0; h < heads; h++) {
      const base = b * v.batchStride + Math.floor(h / share) * v.headStride;
      for (let i = 0; i < queries; i++, row++) {
        const to = (packed ? (b * queries + i) * heads + h : row) * v.size;
        spend(v.length * v.size);
        for (let j = 0; j < v.length; j++) {
          const weight = weights[row * v.length + j] as number;
          if (weight === 0) continue;
          const from = base + j * v.rowStride;
          for (let d = 0; d < v.size; d++) {
            result[to + d] = (result[to + d] as number) + weight * (v.data[from + d] as number);
          }
        }
      }
    }
  }
  return result;
}

/** Adds a mask (numbers, or bool: what is false becomes -∞) that broadcasts to [batch, heads, queries, keys]. */
export function addMask(values: Float64Array, dims: readonly number[], mask: TensorData): void {
  const bits = toNumbers(mask);
  const columns = mask.dims.at(-1) ?? 1;
  const keys = dims[3] as number;
  const lead = dims.slice(0, 3);
  const own = mask.dims.slice(0, -1);
  const rows = elementCount(lead);
  for (let row = 0; row < rows; row++) {
    let rest = row;
    let from = 0;
    let stride = columns;
    for (let axis = 2; axis >= 0; axis--) {
      const size = lead[axis] as number;
      const index = rest % size;
      rest = Math.floor(rest / size);
      const dim = own[own.length - (3 - axis)];
      if (dim === undefined) continue;
      if (dim !== 1) from += index * stride;
      stride *= dim;
    }
    for (let j = 0; j < keys; j++) {
      const at = row * keys + j;
      // A mask that is too short hides the keys behind it; one column serves all.
      if (j >= columns && columns !== 1) values[at] = -Infinity;
      else {
        const bit = bits[from + (columns === 1 ? 0 : j)] as number;
        if (mask.dtype !== "bool") values[at] = (values[at] as number) + bit;
        else if (bit === 0) values[at] = -Infinity;
      }
    }
  }
}
