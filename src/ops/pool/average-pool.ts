import { isFloat } from "../../dtype.ts";
import { type AttributesOf, defineOp, factOf, int, ints, required, string } from "../define.ts";
import { fromNumbers } from "../shared/elements.ts";
import { seenThrough } from "../shared/receptive-field.ts";
import { paddedCounts } from "./padded-counts.ts";
import { pool, poolDims, poolWindow } from "./pooling.ts";

const attributes = {
  autoPad: string("NOTSET"),
  ceilMode: int(0),
  countIncludePad: int(0),
  dilations: ints(),
  kernelShape: required(ints()),
  pads: ints(),
  strides: ints(),
};
export type AveragePoolAttributes = AttributesOf<typeof attributes>;

/**
 * AveragePool: the mean of each window, of the elements inside x or (count_include_pad) inside the padded x.
 * https://onnx.ai/onnx/operators/onnx__AveragePool.html
 */
export const averagePool = defineOp({
  type: "AveragePool",
  since: [1, 7, 10, 11, 19, 22],
  inputs: ["x"],
  attributes,
  receptiveField: ({ attributes, inputs: [x] }) => seenThrough(x, attributes.kernelShape, attributes),

  infer(context) {
    const { dtype } = context.fact(0);
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    return [factOf(dtype, poolDims(context))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const window = poolWindow(context, x.dims);
    const divisors = context.attributes.countIncludePad === 0 ? undefined : paddedCounts(window);
    const result = pool(x, window, (source, plane, count, offsets, position) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += source[plane + (offsets[i] as number)] as number;
      // A dilated window can lie in the padding altogether: its mean is 0.
      return sum / (divisors === undefined ? Math.max(1, count) : (divisors[position] as number));
    });
    return [fromNumbers(x.dtype, [...x.dims.slice(0, 2), ...window.outputs], result)];
  },
});
