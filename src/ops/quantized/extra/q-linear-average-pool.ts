import { int, ints, required, string } from "../../define.ts";
import { defineQuantizedComposedOp } from "../quantized-composed-op.ts";

/**
 * QLinearAveragePool: AveragePool of a quantised tensor.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearAveragePool
 */
export const qLinearAveragePool = defineQuantizedComposedOp(
  "QLinearAveragePool",
  {
    autoPad: string("NOTSET"),
    ceilMode: int(0),
    channelsLast: int(0),
    countIncludePad: int(0),
    kernelShape: required(ints()),
    pads: ints(),
    strides: ints(),
  },
  ({ emit, attributes }, x) => {
    const { channelsLast, ...pool } = attributes;
    const rank = pool.kernelShape.length + 2;
    const image = Array.from({ length: rank - 2 }, (_, i) => i + 1);
    if (channelsLast === 0) return emit("AveragePool", [x], pool);
    const first = emit("Transpose", [x], { perm: [0, rank - 1, ...image] });
    const pooled = emit("AveragePool", [first], pool);
    return emit("Transpose", [pooled], { perm: [0, ...image.map((axis) => axis + 1), 1] });
  },
);
