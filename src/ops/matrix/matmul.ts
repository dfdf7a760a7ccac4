import { broadcastDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { spend } from "../../interruptible.ts";
import type { Numbers } from "../shared/elements.ts";

/** MatMul's operands seen as stacks of matrices A[m, k] and B[k, n], and the dims of the product. */
export interface MatMulShape {
  readonly m: Dim;
  readonly k: Dim;
  readonly n: Dim;
  readonly batchA: readonly Dim[];
  readonly batchB: readonly Dim[];
  /** The broadcast batch dims. */
  readonly batch: readonly Dim[];
  /** Dims of the product: without m or n where that operand has rank 1. */
  readonly dims: readonly Dim[];
}

/** The same where every size is known. */
export interface ConcreteMatMulShape extends MatMulShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly batchA: readonly number[];
  readonly batchB: readonly number[];
  readonly batch: readonly number[];
  readonly dims: readonly number[];
}

/** numpy.matmul's rules; a message where the dims do not fit. */
export function matMulShape(a: readonly Dim[], b: readonly Dim[]): MatMulShape | string {
  if (a.length === 0 || b.length === 0) return `operands of [${a}] and [${b}]: MatMul takes no scalars`;
  const m = a.length === 1 ? 1 : (a.at(-2) as Dim);
  const n = b.length === 1 ? 1 : (b.at(-1) as Dim);
  const k = a.at(-1) as Dim;
  const kOfB = (b.length === 1 ? b[0] : b.at(-2)) as Dim;
  if (typeof k === "number" && typeof kOfB === "number" && k !== kOfB) {
    return `cannot multiply [${a}] by [${b}]: ${k} columns against ${kOfB} rows`;
  }
  const batchA = a.slice(0, -2);
  const batchB = b.slice(0, -2);
  const batch = broadcastDims(batchA, batchB);
  if (batch === undefined) return `batch dims of [${a}] and [${b}] do not broadcast`;
  const dims = [...batch, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])];
  return { m, k: typeof k === "number" ? k : kOfB, n, batchA, batchB, batch, dims };
}

/** Where a matrix lies in an array, and the elements from one row and one column to the next. */
export interface StridedMatrix {
  readonly data: Numbers;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** target[m, n] at `at` = A[m, k]·B[k, n], accumulated in double. */
export function multiply(
  a: StridedMatrix,
  b: StridedMatrix,
  m: number,
  k: number,
  n: number,
  target: Float64Array,
  at: number,
): void {
  const row = new Float64Array(n);
  for (let i = 0; i < m; i++) {
    row.fill(0);
    spend(k * n);
    for (let p = 0; p < k; p++) {
      const x = a.data[a.offset + i * a.rowStride + p * a.columnStride] as number;
      let from = b.offset + p * b.rowStride;
      for (let j = 0; j < n; j++) {
        row[j] = (row[j] as number) + x * (b.data[from] as number);
        from += b.columnStride;
      }
    }
    target.set(row, at + i * n);
  }
}

type BigArray = BigInt64Array | BigUint64Array;

/** The same for row-major 64-bit integers, which wrap. */
export function multiplyBig(
  a: BigArray,
  aOffset: number,
  b: BigArray,
  bOffset: number,
  m: number,
  k: number,
  n: number,
  target: BigArray,
  at: number,
): void {
  for (let i = 0; i < m; i++) {
    spend(k * n);
    for (let j = 0; j < n; j++) {
      let sum = 0n;
      for (let p = 0; p < k; p++)
        sum += (a[aOffset + i * k + p] as bigint) * (b[bOffset + p * n + j] as bigint);
      target[at + i * n + j] = sum;
    }
  }
}

/** The same for row-major 32-bit integers, which wrap: double would lose low bits. */
export function multiplyInt32(
  a: Numbers,
  aOffset: number,
  b: Numbers,
  bOffset: number,
  m: number,
  k: number,
  n: number,
  target: Float64Array,
  at: number,
): void {
  for (let i = 0; i < m; i++) {
    spend(k * n);
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        sum = (sum + Math.imul(a[aOffset + i * k + p] as number, b[bOffset + p * n + j] as number)) | 0;
      }
      target[at + i * n + j] = sum;
    }
  }
}
