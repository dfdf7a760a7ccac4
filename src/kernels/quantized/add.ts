import { clampBounds, numberOf } from "../../ops/quantized/quantized-product.ts";
import { asFloat } from "../arguments.ts";
import { asRows, isConstant, type LowerContext, type Operand } from "../context.ts";
import { follow } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { isClamp } from "./products.ts";

/** `x, ldx, signed, zero, scale` of one summand. */
function side(context: LowerContext<unknown>, index: number, stride: number) {
  const x = context.input(index);
  return [
    context.at(x),
    stride,
    x.fact.dtype === "int8" ? 1 : 0,
    numberOf(context.input(index + 2).fact.data),
    asFloat(numberOf(context.input(index + 1).fact.data)),
  ] as const;
}

/** Operands of one shape and layout as rows of as many columns: one run where all are dense. */
function alikeRows(operands: readonly Operand[]): [rows: number, columns: number, strides: number[]] {
  const all = operands.map(asRows);
  const [rows, columns] = all.find(([rows]) => rows !== 1) ?? (all[0] as [number, number, number]);
  return [rows, columns, all.map(([own, , stride]) => (own === 1 && rows !== 1 ? columns : stride))];
}

/** QuantizedAdd: scales and zero points are known while planning, the summands are not. */
export const quantizedAdd: Lowering<unknown, boolean> = {
  name: "i8_add",
  resolve: (site) =>
    isClamp(site.node.activation) &&
    [1, 2, 4, 5, 6, 7].every((i) => isConstant(site.input(i))) &&
    ![site.input(0), site.input(3)].some(isConstant),
  layouts: follow,
  apart: () => true,
  emit(context) {
    const [a, b, y] = [context.input(0), context.input(3), context.output()];
    const [rows, columns, strides] = alikeRows([a, b, y]);
    const zero = numberOf(context.input(7).fact.data);
    const scale = numberOf(context.input(6).fact.data);
    const dtype = y.fact.dtype as "int8" | "uint8";
    const [low, high] = clampBounds(context.node.activation, { scale, zero, dtype });
    context.call(
      "i8_add",
      ...side(context, 0, strides[0] as number),
      ...side(context, 3, strides[1] as number),
      context.at(y),
      strides[2] as number,
      dtype === "int8" ? 1 : 0,
      zero,
      asFloat(scale),
      rows,
      columns,
      asFloat(low),
      asFloat(high),
    );
  },
};
