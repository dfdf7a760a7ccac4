import { broadcastStrides } from "../../graph/dims.ts";
import { isFloat32 } from "../../ops/define.ts";
import { type ConcreteMatMulShape, matMulShape } from "../../ops/matrix/matmul.ts";
import { stridedOffsets } from "../../ops/movement/strided.ts";
import { elementCount } from "../../tensor.ts";
import { activationArgs, isConstant } from "../context.ts";
import type { Lowering } from "../lowering.ts";
import { advance, gemmScratch, packedConstant, packedDynamic, packedElements } from "./packing.ts";

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
function batchAxes({ batch, batchA, batchB }: ConcreteMatMulShape): BatchAxis[] {
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

const callCount = (axes: readonly BatchAxis[]): number =>
  elementCount(axes.slice(0, -1).map(({ size }) => size));

interface Product {
  readonly shape: ConcreteMatMulShape;
  readonly axes: readonly BatchAxis[];
}

/** The innermost run of the batch by one call, the others by a call for each of their entries. */
export const matMul: Lowering<unknown, Product> = {
  name: "gemm",
  resolve(site) {
    const operands = [...site.inputs, ...site.outputs];
    if (!isFloat32(operands.map((operand) => operand?.fact))) return undefined;
    if (operands.some((operand) => operand?.dims.includes(0))) return undefined;
    const shape = matMulShape(site.input(0).dims, site.input(1).dims) as ConcreteMatMulShape;
    const axes = batchAxes(shape);
    return callCount(axes) <= MAX_CALLS && { shape, axes };
  },
  emit(context, { shape: { m, k, n, batchB }, axes }) {
    const [x, w, y] = [context.input(0), context.input(1), context.output()];
    const packing = { k, n, transposed: false, batch: elementCount(batchB) };
    const b = isConstant(w) ? packedConstant(context, w, packing) : packedDynamic(context, w, packing);
    const scratch = gemmScratch(context, n);
    const [, , bias] = context.inputs;
    const tail = [context.at(bias), 0, 0, ...activationArgs(context.node.activation), scratch] as const;
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
  },
};
