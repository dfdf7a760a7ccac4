import { createData, isFloat } from "../dtype.ts";
import { broadcastStrides } from "../graph/dims.ts";
import type { Dim } from "../graph/graph.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import { defineOp, factOf, isFloat32, type Lowering } from "./define.ts";
import { activationArgs, isConstant, type LowerContext } from "./lowering.ts";
import { fromNumbers, like, toNumbers } from "./shared/elements.ts";
import { checkDType, NUMBERS } from "./shared/elementwise.ts";
import { activate } from "./shared/fused-activation.ts";
import {
  advance,
  gemmScratch,
  packedConstant,
  packedDynamic,
  packedElements,
} from "./shared/gemm-packing.ts";
import { productMacs } from "./shared/macs.ts";
import { type MatMulShape, matMulShape, multiply, multiplyBig, multiplyInt32 } from "./shared/matmul.ts";
import { stridedOffsets } from "./shared/strided.ts";
import { isWideInteger } from "./shared/wide-integers.ts";

/** More kernel calls than this for one product are not worth it. */
const MAX_CALLS = 256;

/** A run of batch dims that one kernel call walks: its length, and matrices from one entry to the next. */
interface BatchAxis {
  size: number;
  a: number;
  b: number;
  c: number;
}

/** The product's batch as few axes: neighbours along which both operands and the product run on are merged. */
function batchAxes(
  batch: readonly number[],
  batchA: readonly number[],
  batchB: readonly number[],
): BatchAxis[] {
  const a = broadcastStrides(batchA, batch);
  const b = broadcastStrides(batchB, batch);
  const c = broadcastStrides(batch, batch);
  const axes: BatchAxis[] = [];
  batch.forEach((size, i) => {
    const axis = { size, a: a[i] as number, b: b[i] as number, c: c[i] as number };
    if (size === 1) return;
    const outer = axes.at(-1);
    if (outer !== undefined && outer.a === axis.a * size && outer.b === axis.b * size) {
      axes[axes.length - 1] = { ...axis, size: outer.size * size };
    } else {
      axes.push(axis);
    }
  });
  return axes;
}

interface ConcreteShape extends MatMulShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly batchA: readonly number[];
  readonly batchB: readonly number[];
  readonly batch: readonly number[];
  readonly dims: readonly number[];
}

const concreteShape = (a: readonly number[], b: readonly number[]): ConcreteShape =>
  matMulShape(a, b) as ConcreteShape;

const callCount = (axes: readonly BatchAxis[]): number =>
  elementCount(axes.slice(0, -1).map(({ size }) => size));

const gemm: Lowering<unknown> = {
  name: "gemm",
  when(context) {
    const operands = [...context.inputs, ...context.outputs];
    if (!isFloat32(operands.map((operand) => operand?.fact))) return false;
    if (
      operands.some(
        (operand) => operand !== undefined && (operand.layout !== "rowMajor" || operand.dims.includes(0)),
      )
    ) {
      return false;
    }
    const shape = concreteShape(context.input(0).dims, context.input(1).dims);
    return callCount(batchAxes(shape.batch, shape.batchA, shape.batchB)) <= MAX_CALLS;
  },
  lower: lowerMatMul,
};

function lowerMatMul(context: LowerContext<unknown>): void {
  const [x, w, y] = [context.input(0), context.input(1), context.output()];
  const { m, k, n, batch, batchA, batchB } = concreteShape(x.dims, w.dims);
  const packing = { k, n, transposed: false, batch: elementCount(batchB) };
  const b = isConstant(w) ? packedConstant(context, w, packing) : packedDynamic(context, w, packing);
  const scratch = gemmScratch(context, n);
  const bias = context.at(context.inputs[2]);
  const tail = [bias, 0, 0, ...activationArgs(context.node.activation), scratch] as const;
  const axes = batchAxes(batch, batchA, batchB);
  const inner = axes.at(-1);
  if (inner === undefined) {
    context.call("f32_gemm", context.at(x), k, b, context.at(y), n, m, n, k, ...tail);
    return;
  }
  const outer = axes.slice(0, -1);
  const sizes = outer.map(({ size }) => size);
  const starts = (pick: "a" | "b" | "c") =>
    stridedOffsets(
      sizes,
      outer.map((axis) => axis[pick]),
    );
  const [startA, startB, startC] = [starts("a"), starts("b"), starts("c")];
  const packed = packedElements(k, n);
  for (let i = 0; i < startA.length; i++) {
    const a = context.at(x, (startA[i] as number) * m * k);
    const panel = advance(b, (startB[i] as number) * packed);
    const c = context.at(y, (startC[i] as number) * m * n);
    if (inner.b === 0 && inner.a === 1) {
      // One B for the whole run: its batch is just more rows.
      context.call("f32_gemm", a, k, panel, c, n, inner.size * m, n, k, ...tail);
    } else {
      const strides = [inner.a * m * k, inner.b * packed, inner.c * m * n] as const;
      context.call("f32_gemm_batch", inner.size, ...strides, a, k, panel, c, n, m, n, k, ...tail);
    }
  }
}

/** The stack of products, in the dtype of the operands; 32- and 64-bit integers wrap. */
function product(a: TensorData, b: TensorData, shape: ConcreteShape): TensorData {
  const { m, k, n, batch, batchA, batchB, dims } = shape;
  const startA = stridedOffsets(batch, broadcastStrides(batchA, batch));
  const startB = stridedOffsets(batch, broadcastStrides(batchB, batch));
  const count = startA.length * m * n;
  if (isWideInteger(a) && isWideInteger(b)) {
    const data = createData(a.dtype, count);
    startA.forEach((start, i) => {
      multiplyBig(a.data, start * m * k, b.data, (startB[i] as number) * k * n, m, k, n, data, i * m * n);
    });
    return like(a, dims, data);
  }
  const target = new Float64Array(count);
  const [left, right] = [toNumbers(a), toNumbers(b)];
  startA.forEach((start, i) => {
    const [aOffset, bOffset] = [start * m * k, (startB[i] as number) * k * n];
    if (isFloat(a.dtype)) {
      const x = { data: left, offset: aOffset, rowStride: k, columnStride: 1 };
      const w = { data: right, offset: bOffset, rowStride: n, columnStride: 1 };
      multiply(x, w, m, k, n, target, i * m * n);
    } else {
      multiplyInt32(left, aOffset, right, bOffset, m, k, n, target, i * m * n);
    }
  });
  return fromNumbers(a.dtype, dims, target);
}

/**
 * MatMul: numpy.matmul. A pass may add a bias [n] as input 2 and an activation.
 * https://onnx.ai/onnx/operators/onnx__MatMul.html
 */
export const matMul = defineOp({
  type: "MatMul",
  since: [1, 9, 13],
  inputs: ["A", "B", "bias?"],
  attributes: {},
  epilogue: true,
  layout: "rowMajor",
  macs: (facts) => productMacs(facts),

  infer(context) {
    const { dtype } = context.fact(0);
    const other = context.fact(1).dtype;
    checkDType(context, "A", dtype, NUMBERS);
    checkDType(context, "B", other, [dtype]);
    const [a, b] = [context.dims(0), context.dims(1)];
    if (a === undefined || b === undefined) return [factOf(dtype, undefined)];
    const shape = matMulShape(a, b);
    if (typeof shape === "string") return context.fail(shape);
    return [factOf(dtype, shape.dims as Dim[])];
  },

  evaluate(context) {
    const [a, b] = [context.tensor(0), context.tensor(1)];
    const shape = matMulShape(a.dims, b.dims);
    if (typeof shape === "string") return context.fail(shape);
    const result = product(a, b, shape as ConcreteShape);
    const bias = context.optional(2);
    const { activation } = context.node;
    if (bias === undefined && activation === undefined) return [result];
    const sums = Float64Array.from(toNumbers(result));
    if (bias !== undefined) {
      const added = toNumbers(bias);
      for (let i = 0; i < sums.length; i++)
        sums[i] = (sums[i] as number) + (added[i % added.length] as number);
    }
    activate(activation, sums);
    return [fromNumbers(result.dtype, result.dims, sums)];
  },

  lower: [gemm],
});
