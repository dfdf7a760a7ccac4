import { defineOp, factOf } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { roundHalfEven } from "../elementwise/scalars.ts";
import { toNumbers } from "../shared/elements.ts";
import { quantize } from "./quantization.ts";

/**
 * DynamicQuantizeLinear: uint8 with the scale and zero point that take in every element and 0; all in float32.
 * Zeros alone get the scale 1, as in onnxruntime (the ONNX text would divide by 0).
 * https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
 */
export const dynamicQuantizeLinear = defineOp({
  type: "DynamicQuantizeLinear",
  since: [11],
  inputs: ["x"],
  outputs: ["y", "scale", "zeroPoint"],
  attributes: {},

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "x", dtype, ["float32"]);
    return [factOf("uint8", dims), factOf("float32", []), factOf("uint8", [])];
  },

  evaluate(context) {
    const x = context.tensor(0);
    let min = 0;
    let max = 0;
    const values = toNumbers(x);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const scale = max === min ? 1 : Math.fround(Math.fround(max - min) / 255);
    const zero = roundHalfEven(Math.max(0, Math.min(255, Math.fround(0 - Math.fround(min / scale)))));
    const scaleTensor = { dtype: "float32", dims: [], data: Float32Array.of(scale) } as const;
    const zeroTensor = { dtype: "uint8", dims: [], data: Uint8Array.of(zero) } as const;
    const all = { outer: 1, size: 1, inner: values.length, scales: 1, block: 1, blocked: false };
    return [quantize(x, scaleTensor, zeroTensor, "uint8", all), scaleTensor, zeroTensor];
  },
});
