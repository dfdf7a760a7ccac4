import type { Composer } from "../composing.ts";
import type { AttributeSchema, AttributesOf, Op } from "../define.ts";
import { defineComposedOp } from "../shared/composed-op.ts";

/** Inputs of an operator from one quantised tensor to another. */
export const QUANTIZED_INPUTS = ["x", "xScale", "xZeroPoint?", "yScale", "yZeroPoint?"];

/** An operator of onnxruntime that is another one on dequantised numbers, quantised again. */
export function defineQuantizedComposedOp<const S extends AttributeSchema>(
  type: string,
  attributes: S,
  compute: (composer: Composer<AttributesOf<S>>, x: string) => string,
): Op {
  return defineComposedOp({
    type,
    domain: "com.microsoft",
    inputs: QUANTIZED_INPUTS,
    attributes,
    compose(composer) {
      const [x, xScale, xZeroPoint, yScale, yZeroPoint] = composer.inputs as [
        string,
        string,
        string,
        string,
        string,
      ];
      const real = compute(composer, composer.emit("DequantizeLinear", [x, xScale, xZeroPoint]));
      return [composer.emit("QuantizeLinear", [real, yScale, yZeroPoint])];
    },
  });
}
