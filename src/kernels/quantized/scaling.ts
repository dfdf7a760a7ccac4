// From float32 to 8 bits and back, with one scale for the whole tensor.
import type { Fact } from "../../graph/graph.ts";
import { isEightBit, type QuantizeAttributes } from "../../ops/quantized/quantization.ts";
import { elementCount } from "../../tensor.ts";
import { pairedRows } from "../elementwise/rows.ts";
import { followTogether } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import type { Site } from "../site.ts";

const isFloat32 = ({ dtype }: Fact): boolean => dtype === "float32";

/** Whether one float32 scale and one zero point hold for the whole tensor. */
const hasOneScale = ({ attributes, inputs: [, scale, zero] }: Site<QuantizeAttributes>): boolean =>
  attributes.blockSize === 0 &&
  scale?.fact.dtype === "float32" &&
  [scale, zero].every((input) => input === undefined || elementCount(input.dims) === 1);

const scaling = (
  kernel: "f32_quantize" | "i8_dequantize",
  from: (fact: Fact) => boolean,
  to: (fact: Fact) => boolean,
): Lowering<QuantizeAttributes, boolean> => ({
  name: kernel,
  resolve: (site) => from(site.input(0).fact) && to(site.output().fact) && hasOneScale(site),
  layouts: followTogether,
  apart: () => true,
  emit(context) {
    const [x, y] = [context.input(0), context.output()];
    const [rows, columns, ldx, ldy] = pairedRows(x, y);
    const signed = [x, y].some(({ fact }) => fact.dtype === "int8") ? 1 : 0;
    const [, scale, zero] = context.inputs;
    const parameters = [context.at(scale), context.at(zero)] as const;
    context.call(kernel, context.at(x), ldx, context.at(y), ldy, rows, columns, signed, ...parameters);
  },
});

export const quantize = scaling("f32_quantize", isFloat32, isEightBit);
export const dequantize = scaling("i8_dequantize", isEightBit, isFloat32);

/** The range of all elements first, from which each part of the second call has scale and zero point. */
export const quantizeDynamically: Lowering<unknown, boolean> = {
  name: "range_quantize",
  resolve: (site) => site.outputs.length === 3 && isFloat32(site.input(0).fact),
  layouts: followTogether,
  apart: () => true,
  emit(context) {
    const x = context.input(0);
    const [rows, columns, ldx, ldy] = pairedRows(x, context.output());
    const partial = context.scratch(8 * context.parts);
    const [y, scale, zero] = context.outputs.map((output) => context.at(output)) as [0, 0, 0];
    context.call("f32_range", context.at(x), ldx, rows, columns, partial);
    context.call("f32_quantize_dynamic", context.at(x), ldx, y, ldy, rows, columns, partial, scale, zero);
  },
};
