import type { Lowerings } from "../lowering.ts";
import { quantizedAdd } from "./add.ts";
import { convInteger, quantizedConv, quantizedDepthwise } from "./convolution.ts";
import { matMulInteger, quantizedGemm } from "./matrix.ts";
import { dequantize, quantize, quantizeDynamically } from "./scaling.ts";

/** 8-bit integers that stand for numbers by a scale and a zero point. */
export const QUANTIZED: Lowerings = {
  ConvInteger: [convInteger],
  DequantizeLinear: [dequantize],
  DynamicQuantizeLinear: [quantizeDynamically],
  MatMulInteger: [matMulInteger],
  QuantizeLinear: [quantize],
  "lanewise:QuantizedAdd": [quantizedAdd],
  "lanewise:QuantizedConv": [quantizedDepthwise, quantizedConv],
  "lanewise:QuantizedGemm": [quantizedGemm],
};
