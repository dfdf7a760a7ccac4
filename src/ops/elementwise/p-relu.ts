import type { TensorData } from "../../tensor.ts";
import { defineOp, factOf, ints } from "../define.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { broadcastOf } from "./broadcast.ts";
import { combine, type Pairing } from "./combine.ts";
import { checkDType, NUMBERS } from "./dtypes.ts";

const pairing: Pairing = {
  number: (x, slope) => (x < 0 ? slope * x : x),
  integer: (x, slope) => (x < 0 ? Math.imul(slope, x) : x),
  wide: (x, slope) => (x < 0n ? slope * x : x),
};

/** The slope's dims, lined up with x's from the right: before opset 7 a 1-D slope goes with the channels. */
export function slopeDims<D>(opset: number, rank: number, slope: readonly D[]): readonly (D | 1)[] {
  if (opset >= 7 || slope.length !== 1 || rank < 3) return slope;
  return [...slope, ...new Array<1>(rank - 2).fill(1)];
}

/**
 * PRelu: x, or slope·x below 0; the slope is broadcast to x.
 * https://onnx.ai/onnx/operators/onnx__PRelu.html
 */
export const pRelu = defineOp({
  type: "PRelu",
  since: [1, 6, 7, 9, 16],
  inputs: ["x", "slope"],
  attributes: { consumedInputs: ints() },
  activation: ({ inputs: [, slope] }) =>
    slope?.data?.data.length === 1 && slope.dtype === "float32"
      ? { kind: "leakyRelu", alpha: slope.data.data[0] as number, beta: 0 }
      : undefined,
  receptiveField: atOwnPlace,

  infer(context) {
    const x = context.fact(0);
    const slope = context.fact(1);
    checkDType(context, "x", x.dtype, NUMBERS);
    if (slope.dtype !== x.dtype) context.failType(`slope must be ${x.dtype} like x, got ${slope.dtype}`);
    if (x.dims === undefined || slope.dims === undefined) return [factOf(x.dtype, x.dims)];
    const own = slopeDims(context.opset, x.dims.length, slope.dims);
    const dims = broadcastOf(context, x.dims, own) as typeof x.dims;
    if (
      dims.length !== x.dims.length ||
      dims.some((dim, i) => typeof dim === "number" && typeof x.dims?.[i] === "number" && dim !== x.dims[i])
    ) {
      context.fail(`slope [${slope.dims}] does not broadcast to x [${x.dims}]`);
    }
    return [factOf(x.dtype, x.dims)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const slope: TensorData = context.tensor(1);
    return [combine(pairing, x, slope, x.dtype, x.dims, slopeDims(context.opset, x.dims.length, slope.dims))];
  },
});
