import { ROUNDER } from "../../codec.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, sameAs } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { toNumbers } from "../shared/elements.ts";
import { clampBounds, numberOf } from "./quantized-product.ts";

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

  infer(context) {
    for (const i of [0, 3, 7]) checkDType(context, `input ${i}`, context.fact(i).dtype, EIGHT_BITS);
    const { a, yZeroPoint } = context.facts();
    return [{ ...sameAs(a), dtype: yZeroPoint.dtype }];
  },

  evaluate(context) {
    const { a, b, ...given } = context.tensors();
    const { fround } = Math;
    const [aScale, aZero] = [numberOf(given.aScale), numberOf(given.aZeroPoint)];
    const [bScale, bZero] = [numberOf(given.bScale), numberOf(given.bZeroPoint)];
    const [yScale, zero] = [numberOf(given.yScale), numberOf(given.yZeroPoint)];
    const dtype = given.yZeroPoint.dtype as "int8" | "uint8";
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
});
