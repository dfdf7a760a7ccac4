import { ROUNDER } from "../codec.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import { defineOp, sameAs } from "./define.ts";
import { asFloat } from "./kernel-arguments.ts";
import { asRows, isConstant, type LowerContext, type Operand } from "./lowering.ts";
import { toNumbers } from "./shared/elements.ts";
import { checkDType } from "./shared/elementwise.ts";
import { clampBounds, isClamp } from "./shared/quantized-product.ts";

const EIGHT_BITS = ["int8", "uint8"] as const;

/**
 * QuantizedAdd: DequantizeLinear of a and b, Add, Relu or Clip and QuantizeLinear in one, in float32; one scale for each
 * tensor, no broadcasting. Inserted by the pass "fuse quantized" only.
 */
export const quantizedAdd = defineOp({
  type: "QuantizedAdd",
  domain: "lanewise",
  since: [1],
  inputs: ["a", "aScale", "aZeroPoint", "b", "bScale", "bZeroPoint", "yScale", "yZeroPoint"],
  attributes: {},
  layout: "follow",
  strided: true,

  infer(context) {
    for (const i of [0, 3, 7]) checkDType(context, `input ${i}`, context.fact(i).dtype, EIGHT_BITS);
    return [{ ...sameAs(context.fact(0)), dtype: context.fact(7).dtype }];
  },

  evaluate(context) {
    const [a, b, yZero] = [context.tensor(0), context.tensor(3), context.tensor(7)];
    const { fround } = Math;
    const [aScale, aZero, bScale, bZero, yScale, zero] = [1, 2, 4, 5, 6, 7].map((i) =>
      numberOf(context.tensor(i)),
    ) as [number, number, number, number, number, number];
    const dtype = yZero.dtype as "int8" | "uint8";
    const [low, high] = clampBounds(context.node.activation, { scale: yScale, zero, dtype });
    const [as, bs] = [toNumbers(a), toNumbers(b)];
    const count = elementCount(a.dims);
    const data = dtype === "int8" ? new Int8Array(count) : new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const left = fround(((as[i] as number) - aZero) * aScale);
      const right = fround(((bs[i] as number) - bZero) * bScale);
      const value = fround(fround(left + right) / yScale);
      data[i] = Math.min(Math.max(value, low), high) + ROUNDER - ROUNDER + zero;
    }
    return [{ dtype, dims: a.dims, data } as TensorData];
  },

  lower: [
    {
      name: "add",
      when: (context) =>
        isClamp(context.node.activation) &&
        [1, 2, 4, 5, 6, 7].every((i) => isConstant(context.input(i))) &&
        ![context.input(0), context.input(3)].some(isConstant),
      lower(context) {
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
    },
  ],
});

const numberOf = (data: TensorData | undefined): number => (data ? (toNumbers(data)[0] as number) : 0);

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
