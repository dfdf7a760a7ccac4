import { broadcastStrides, mapDims } from "../graph/dims.ts";
import type { Dim } from "../graph/graph.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import { type AttributesOf, defineOp, factOf, float, int, isFloat32, type Lowering } from "./define.ts";
import type { Address } from "./kernel-arguments.ts";
import { activationArgs, isConstant, type LowerContext, type Operand } from "./lowering.ts";
import { fromNumbers, toNumbers } from "./shared/elements.ts";
import { checkDType, NUMBERS } from "./shared/elementwise.ts";
import { activate } from "./shared/fused-activation.ts";
import { gemmScratch, packedConstant, packedDynamic } from "./shared/gemm-packing.ts";
import { productMacs } from "./shared/macs.ts";
import { multiply } from "./shared/matmul.ts";
import { stridedOffsets } from "./shared/strided.ts";

const attributes = { alpha: float(1), beta: float(1), transA: int(0), transB: int(0), broadcast: int(0) };
type Attributes = AttributesOf<typeof attributes>;

/** `[m, k]` or `[k, n]` of an operand that may be stored transposed. */
function matrixDims(dims: readonly Dim[], transposed: number): [Dim, Dim] {
  const [rows, columns] = dims as [Dim, Dim];
  return transposed === 0 ? [rows, columns] : [columns, rows];
}

function sizes(context: LowerContext<Attributes>): { m: number; k: number; n: number } {
  const [m, k] = matrixDims(context.input(0).dims, context.attributes.transA) as [number, number];
  const [, n] = matrixDims(context.input(1).dims, context.attributes.transB) as [number, number];
  return { m, k, n };
}

/** How C joins the product: one row for all (the kernel's bias), a full matrix (its residual), or neither as it is. */
function addendKind(c: Operand | undefined, m: number, n: number): "none" | "row" | "matrix" | "other" {
  if (c === undefined) return "none";
  const count = elementCount(c.dims);
  if (count === n && (c.dims.at(-1) ?? 1) === n) return "row";
  return count === m * n ? "matrix" : "other";
}

/** beta·C broadcast to `rows` x n. */
function fillAddend(c: TensorData, rows: number, n: number, beta: number, target: Float32Array): void {
  const offsets = stridedOffsets([rows, n], broadcastStrides(c.dims, [rows, n]));
  offsets.forEach((from, i) => {
    target[i] = ((c.data as Float32Array)[from] as number) * beta;
  });
}

/** The kernel's `bias, residual, ldr`. */
function addendArguments(
  context: LowerContext<Attributes>,
  m: number,
  n: number,
): [Address, Address, number] {
  const c = context.inputs[2];
  const { beta } = context.attributes;
  if (c === undefined || beta === 0) return [0, 0, 0];
  const kind = addendKind(c, m, n);
  if (!isConstant(c)) return kind === "row" ? [context.at(c), 0, 0] : [0, context.at(c), n];
  if (kind === "row" && beta === 1) return [context.at(c), 0, 0];
  const rows = kind === "row" || elementCount(c.dims) === 1 ? 1 : m;
  const place = context.packed(c, `gemm addend ${rows}x${n} ${beta}`, rows * n, (source, target) =>
    fillAddend(source, rows, n, beta, target),
  );
  return rows === 1 ? [place, 0, 0] : [0, place, n];
}

const gemmKernel: Lowering<Attributes> = {
  name: "gemm",
  when(context) {
    const operands = [...context.inputs, ...context.outputs];
    if (!isFloat32(operands.map((operand) => operand?.fact))) return false;
    if (operands.some((operand) => operand?.dims.includes(0))) return false;
    const { m, n } = sizes(context);
    const { alpha, beta } = context.attributes;
    if (alpha !== 1 && !isConstant(context.input(1))) return false;
    const c = context.inputs[2];
    if (c === undefined || beta === 0 || isConstant(c)) return true;
    return beta === 1 && addendKind(c, m, n) !== "other";
  },
  lower(context) {
    const { m, k, n } = sizes(context);
    const { alpha, transA, transB } = context.attributes;
    const [x, w, y] = [context.input(0), context.input(1), context.output()];
    let a = context.at(x);
    if (transA !== 0 && m > 1 && k > 1) {
      const rows = context.scratch(m * k * 4);
      context.call("x32_transpose", a, m, rows, k, k, m, 1, 0, 0);
      a = rows;
    }
    const packing = { k, n, transposed: transB !== 0, batch: 1 };
    const b = isConstant(w) ? packedConstant(context, w, packing, alpha) : packedDynamic(context, w, packing);
    const [bias, residual, ldr] = addendArguments(context, m, n);
    const activation = activationArgs(context.node.activation);
    const scratch = gemmScratch(context, n);
    context.call("f32_gemm", a, k, b, context.at(y), n, m, n, k, bias, residual, ldr, ...activation, scratch);
  },
};

/** The dims of the product; `undefined` sizes are checked no further. */
function gemmDims(
  context: { readonly attributes: Attributes; fail(message: string): never },
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
  layout: "rowMajor",
  macs: (facts) => productMacs(facts, facts.attributes.transA !== 0),

  infer(context) {
    const { dtype } = context.fact(0);
    checkDType(context, "A", dtype, NUMBERS);
    for (const fact of context.inputs) {
      if (fact !== undefined && fact.dtype !== dtype)
        context.failType(`A is ${dtype}, another operand ${fact.dtype}`);
    }
    const [a, b] = [context.dims(0), context.dims(1)];
    if (a === undefined || b === undefined) return [factOf(dtype, ["?", "?"])];
    return [factOf(dtype, gemmDims(context, a, b, context.dims(2)))];
  },

  evaluate(context) {
    const [a, b, c] = [context.tensor(0), context.tensor(1), context.optional(2)];
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

  lower: [gemmKernel],
});
