import { broadcastStrides, mapDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { type AttributesOf, defineOp, factOf, float, int } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { activate } from "../elementwise/fused-activation.ts";
import { stridedOffsets } from "../movement/strided.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { productMacs } from "../shared/macs.ts";
import { multiply } from "./matmul.ts";

const attributes = { alpha: float(1), beta: float(1), transA: int(0), transB: int(0), broadcast: int(0) };
export type GemmAttributes = AttributesOf<typeof attributes>;

/** `[m, k]` or `[k, n]` of an operand that may be stored transposed. */
export function matrixDims(dims: readonly Dim[], transposed: number): [Dim, Dim] {
  const [rows, columns] = dims as [Dim, Dim];
  return transposed === 0 ? [rows, columns] : [columns, rows];
}

/** The dims of the product; `undefined` sizes are checked no further. */
function gemmDims(
  context: { readonly attributes: GemmAttributes; fail(message: string): never },
  a: readonly Dim[],
  b: readonly Dim[],
  c: readonly Dim[] | undefined,
): [Dim, Dim] {
  if (a.length !== 2 || b.length !== 2) context.fail(`A and B must be matrices, got [${a}] and [${b}]`);
  const [m, k] = matrixDims(a, context.attributes.transA);
  const [kOfB, n] = matrixDims(b, context.attributes.transB);
  if (typeof k === "number" && typeof kOfB === "number" && k !== kOfB) {
    context.fail(`cannot multiply [${m}, ${k}] by [${kOfB}, ${n}]: ${k} columns against ${kOfB} rows`);
  }
  if (c !== undefined) {
    const target = [m, n];
    const fits =
      c.length <= 2 &&
      c.every((dim, i) => {
        const to = target[i + 2 - c.length] as Dim;
        return dim === 1 || mapDims((have, want) => Number(have === want), dim, to) !== 0;
      });
    if (!fits) context.fail(`C of [${c}] does not broadcast to [${m}, ${n}]`);
  }
  return [m, n];
}

/**
 * Gemm: alpha·A·B + beta·C, A and B perhaps transposed, C broadcast. A pass may add an activation.
 * https://onnx.ai/onnx/operators/onnx__Gemm.html
 */
export const gemm = defineOp({
  type: "Gemm",
  since: [1, 6, 7, 9, 11, 13],
  inputs: ["A", "B", "C?"],
  attributes,
  epilogue: true,
  macs: (facts) => productMacs(facts, facts.attributes.transA !== 0),

  infer(context) {
    const { dtype } = context.fact(0);
    checkDType(context, "A", dtype, NUMBERS);
    for (const fact of context.inputs) {
      if (fact !== undefined && fact.dtype !== dtype)
        context.failType(`A is ${dtype}, another operand ${fact.dtype}`);
    }
    const { A, B, C } = context.facts();
    if (A.dims === undefined || B.dims === undefined) return [factOf(dtype, ["?", "?"])];
    return [factOf(dtype, gemmDims(context, A.dims, B.dims, C?.dims))];
  },

  evaluate(context) {
    const { A: a, B: b, C: c } = context.tensors();
    const { alpha, beta, transA, transB } = context.attributes;
    const [m, n] = gemmDims(context, a.dims, b.dims, c?.dims) as [number, number];
    const k = a.dims[transA === 0 ? 1 : 0] as number;
    const left = {
      data: toNumbers(a),
      offset: 0,
      rowStride: transA === 0 ? k : 1,
      columnStride: transA === 0 ? 1 : m,
    };
    const right = {
      data: toNumbers(b),
      offset: 0,
      rowStride: transB === 0 ? n : 1,
      columnStride: transB === 0 ? 1 : k,
    };
    const result = new Float64Array(m * n);
    multiply(left, right, m, k, n, result, 0);
    if (alpha !== 1) for (let i = 0; i < result.length; i++) result[i] = (result[i] as number) * alpha;
    if (c !== undefined && beta !== 0) {
      const added = toNumbers(c);
      const offsets = stridedOffsets([m, n], broadcastStrides(c.dims, [m, n]));
      for (let i = 0; i < result.length; i++) {
        result[i] = (result[i] as number) + beta * (added[offsets[i] as number] as number);
      }
    }
    activate(context.node.activation, result);
    return [fromNumbers(a.dtype, [m, n], result)];
  },
});
