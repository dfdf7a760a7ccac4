import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, int } from "../define.ts";
import { readStrided } from "../movement/strided-copy.ts";
import { sameDim } from "../shared/axes.ts";
import { integerMatMul } from "./integer-matmul.ts";
import { finishSums, PRODUCT_INPUTS, productDType } from "./quantized-product.ts";

/**
 * QuantizedGemm: DequantizeLinear of x, w and bias, MatMul or Gemm, Relu or Clip and QuantizeLinear in one, the sums in
 * int32; without yScale the result is float32. x is [… m, k], w a matrix [k, n], or [n, k] with transB.
 * Inserted by the pass "fuse quantized" only.
 */
export const quantizedGemm = defineOp({
  type: "QuantizedGemm",
  domain: "lanewise",
  since: [1],
  inputs: PRODUCT_INPUTS,
  attributes: { transB: int(0) },

  infer(context) {
    const dtype = productDType(context);
    const facts = context.facts();
    const [x, w] = [facts.x.dims, facts.w.dims];
    if (x === undefined || w === undefined) return [factOf(dtype, undefined)];
    if (x.length < 2 || w.length !== 2) context.fail(`cannot multiply [${x}] by [${w}]`);
    const [k, n] = (context.attributes.transB === 0 ? w : [w[1], w[0]]) as [Dim, Dim];
    sameDim(context, x.at(-1) as Dim, k, "columns of x and rows of w");
    return [factOf(dtype, [...x.slice(0, -1), n])];
  },

  evaluate(context) {
    const { x, w, xZeroPoint, wZeroPoint } = context.tensors();
    const [rows, columns] = w.dims as [number, number];
    const matrix = context.attributes.transB === 0 ? w : readStrided(w, [columns, rows], 0, [1, columns]);
    const product = integerMatMul(context, x, matrix, xZeroPoint, wZeroPoint);
    return [finishSums(context, product.sums, product.dims, 1, product.n)];
  },
});
