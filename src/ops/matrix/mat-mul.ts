import { createData, isFloat } from "../../dtype.ts";
import { broadcastStrides } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { activate } from "../elementwise/fused-activation.ts";
import { stridedOffsets } from "../movement/strided.ts";
import { fromNumbers, like, toNumbers } from "../shared/elements.ts";
import { productMacs } from "../shared/macs.ts";
import { isWideInteger } from "../shared/wide-integers.ts";
import { type ConcreteMatMulShape, matMulShape, multiply, multiplyBig, multiplyInt32 } from "./matmul.ts";

/** The stack of products, in the dtype of the operands; 32- and 64-bit integers wrap. */
function product(a: TensorData, b: TensorData, shape: ConcreteMatMulShape): TensorData {
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
 * MatMul: numpy.matmul. A pass may add a bias [n] and an activation.
 * https://onnx.ai/onnx/operators/onnx__MatMul.html
 */
export const matMul = defineOp({
  type: "MatMul",
  since: [1, 9, 13],
  inputs: ["A", "B", "bias?"],
  attributes: {},
  epilogue: true,
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
    const { A: a, B: b, bias } = context.tensors();
    const shape = matMulShape(a.dims, b.dims);
    if (typeof shape === "string") return context.fail(shape);
    const result = product(a, b, shape as ConcreteMatMulShape);
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
});
