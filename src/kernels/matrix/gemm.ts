import { broadcastStrides } from "../../graph/dims.ts";
import { isFloat32 } from "../../ops/define.ts";
import { type GemmAttributes, matrixDims } from "../../ops/matrix/gemm.ts";
import { stridedOffsets } from "../../ops/movement/strided.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import type { Address } from "../arguments.ts";
import { activationArgs, isConstant, type LowerContext } from "../context.ts";
import type { Lowering } from "../lowering.ts";
import type { Known, Site } from "../site.ts";
import { gemmScratch, packedConstant, packedDynamic } from "./packing.ts";

/** Of a product of [m, k] and [k, n]. */
interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

function sizesOf(site: Site<GemmAttributes>): Sizes {
  const { transA, transB } = site.attributes;
  const [m, k] = matrixDims(site.input(0).dims, transA) as [number, number];
  const [, n] = matrixDims(site.input(1).dims, transB) as [number, number];
  return { m, k, n };
}

/** How C joins the product: one row for all (the kernel's bias), a full matrix (its residual), or neither as it is. */
function addendKind(c: Known, { m, n }: Sizes): "row" | "matrix" | "other" {
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
function addendArguments(context: LowerContext<GemmAttributes>, sizes: Sizes): [Address, Address, number] {
  const { m, n } = sizes;
  const [, , c] = context.inputs;
  const { beta } = context.attributes;
  if (c === undefined || beta === 0) return [0, 0, 0];
  const kind = addendKind(c, sizes);
  if (!isConstant(c)) return kind === "row" ? [context.at(c), 0, 0] : [0, context.at(c), n];
  if (kind === "row" && beta === 1) return [context.at(c), 0, 0];
  const rows = kind === "row" || elementCount(c.dims) === 1 ? 1 : m;
  const place = context.packed(
    c,
    `gemm addend ${rows}x${n} ${beta}`,
    Float32Array,
    rows * n,
    (source, target) => fillAddend(source, rows, n, beta, target),
  );
  return rows === 1 ? [place, 0, 0] : [0, place, n];
}

/** What is constant is scaled when it is packed; alpha and beta of anything else must be 1. */
export const gemm: Lowering<GemmAttributes, Sizes> = {
  name: "gemm",
  resolve(site) {
    const operands = [...site.inputs, ...site.outputs];
    if (!isFloat32(operands.map((operand) => operand?.fact))) return undefined;
    if (operands.some((operand) => operand?.dims.includes(0))) return undefined;
    const { alpha, beta } = site.attributes;
    if (alpha !== 1 && !isConstant(site.input(1))) return undefined;
    const sizes = sizesOf(site);
    const [, , c] = site.inputs;
    if (c === undefined || beta === 0 || isConstant(c)) return sizes;
    return beta === 1 && addendKind(c, sizes) !== "other" && sizes;
  },
  emit(context, sizes) {
    const { m, k, n } = sizes;
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
    const [bias, residual, ldr] = addendArguments(context, sizes);
    const activation = activationArgs(context.node.activation);
    const scratch = gemmScratch(context, n);
    context.call("f32_gemm", a, k, b, context.at(y), n, m, n, k, bias, residual, ldr, ...activation, scratch);
  },
};
