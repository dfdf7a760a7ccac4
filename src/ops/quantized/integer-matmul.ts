import { broadcastStrides } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { spend } from "../../interruptible.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import type { InferContext } from "../define.ts";
import { broadcastOf } from "../elementwise/broadcast.ts";
import { combineArrays } from "../elementwise/combine.ts";
import { matMulShape } from "../matrix/matmul.ts";
import { stridedOffsets } from "../movement/strided.ts";
import { type Numbers, toNumbers } from "../shared/elements.ts";

/** The product of two stacks of 8-bit matrices, in int32. */
export interface IntegerProduct {
  readonly sums: Int32Array;
  readonly dims: readonly number[];
  readonly m: number;
  readonly n: number;
}

/**
 * The tensor less its zero point. A 1-D zero point of several elements goes with the rows of a left operand and the
 * columns of a right one; one of the operand's rank is broadcast as it is.
 */
function centred(
  context: { fail(message: string): never },
  tensor: TensorData,
  zero: TensorData | undefined,
  side: "rows" | "columns",
): Int16Array {
  const values = Int16Array.from(toNumbers(tensor));
  if (zero === undefined) return values;
  const dims =
    side === "rows" && zero.dims.length === 1 && zero.dims[0] !== 1 ? [...zero.dims, 1] : zero.dims;
  const target = broadcastOf(context, tensor.dims, dims) as number[];
  if (elementCount(target) !== values.length)
    context.fail(`zero point [${zero.dims}] does not fit [${tensor.dims}]`);
  combineArrays((a, b) => a - b, values, tensor.dims, toNumbers(zero), dims, values, tensor.dims);
  return values;
}

/** numpy.matmul of 8-bit tensors less their zero points, summed in int32. */
export function integerMatMul(
  context: { fail(message: string): never },
  a: TensorData,
  b: TensorData,
  aZero: TensorData | undefined,
  bZero: TensorData | undefined,
): IntegerProduct {
  const shape = matMulShape(a.dims, b.dims);
  if (typeof shape === "string") return context.fail(shape);
  const [m, k, n] = [shape.m, shape.k, shape.n] as [number, number, number];
  const batch = shape.batch as readonly number[];
  const left = centred(context, a, aZero, "rows");
  const right = centred(context, b, bZero, "columns");
  const leftAt = stridedOffsets(batch, broadcastStrides(shape.batchA as readonly number[], batch));
  const rightAt = stridedOffsets(batch, broadcastStrides(shape.batchB as readonly number[], batch));
  const sums = new Int32Array(elementCount(shape.dims as readonly number[]));
  for (let i = 0; i < leftAt.length; i++) {
    multiply(
      left,
      (leftAt[i] as number) * m * k,
      right,
      (rightAt[i] as number) * k * n,
      m,
      k,
      n,
      sums,
      i * m * n,
    );
  }
  return { sums, dims: shape.dims as readonly number[], m, n };
}

function multiply(
  a: Numbers,
  aAt: number,
  b: Int16Array,
  bAt: number,
  m: number,
  k: number,
  n: number,
  y: Int32Array,
  yAt: number,
): void {
  for (let row = 0; row < m; row++) {
    const to = yAt + row * n;
    spend(k * n);
    for (let p = 0; p < k; p++) {
      const factor = a[aAt + row * k + p] as number;
      const from = bAt + p * n;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++)
        y[to + j] = ((y[to + j] as number) + Math.imul(factor, b[from + j] as number)) | 0;
    }
  }
}

/** The dims of a product; undefined while a rank is unknown. */
export function productDims<A>(
  context: InferContext<A>,
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  if (a === undefined || b === undefined) return undefined;
  const shape = matMulShape(a, b);
  return typeof shape === "string" ? context.fail(shape) : shape.dims;
}
