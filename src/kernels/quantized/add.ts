import { clampBounds, numberOf } from "../../ops/quantized/quantized-product.ts";
import { asFloat } from "../arguments.ts";
import { asRows, isConstant, type LowerContext, type Operand } from "../context.ts";
import { follow } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { isClamp } from "./products.ts";

/** `x, ldx, signed, zero, scale` of one summand. */
function side(context: LowerContext<unknown>, x: Operand, scale: Operand, zero: Operand, stride: number) {
  return [
    context.at(x),
    stride,
    x.fact.dtype === "int8" ? 1 : 0,
    numberOf(zero.fact.data),
    asFloat(numberOf(scale.fact.data)),
  ] as const;
}

/** Operands of one shape and layout as rows of as many columns: one run where all are dense. */
function alikeRows(operands: readonly Operand[]): [rows: number, columns: number, strides: number[]] {
  const all = operands.map(asRows);
  const [rows, columns] = all.find(([rows]) => rows !== 1) ?? (all[0] as [number, number, number]);
  return [rows, columns, all.map(([own, , stride]) => (own === 1 && rows !== 1 ? columns : stride))];
}

type EightOperands = [Operand, Operand, Operand, Operand, Operand, Operand, Operand, Operand];

/** QuantizedAdd: scales and zero points are known while planning, the summands are not. */
export const quantizedAdd: Lowering<unknown, boolean> = {
  name: "i8_add",
  resolve({ node, inputs }) {
    const [a, , , b] = inputs;
    return (
      isClamp(node.activation) && inputs.every((input) => isConstant(input) !== (input === a || input === b))
    );
  },
  layouts: follow,
  apart: () => true,
  emit(context) {
    const [a, aScale, aZero, b, bScale, bZero, yScale, yZero] = context.inputs as EightOperands;
    const y = context.output();
    const [rows, columns, strides] = alikeRows([a, b, y]);
    const zero = numberOf(yZero.fact.data);
    const scale = numberOf(yScale.fact.data);
    const dtype = y.fact.dtype as "int8" | "uint8";
    const [low, high] = clampBounds(context.node.activation, { scale, zero, dtype });
    context.call(
      "i8_add",
      ...side(context, a, aScale, aZero, strides[0] as number),
      ...side(context, b, bScale, bZero, strides[1] as number),
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
