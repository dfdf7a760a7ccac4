import { isFloat } from "../../../dtype.ts";
import { defineOp, factOf, int, ints, required, string } from "../../define.ts";
import { fromNumbers } from "../../shared/elements.ts";
import { seenThrough } from "../../shared/receptive-field.ts";
import { pool, poolDims, poolWindow } from "../pooling.ts";

/**
 * LpPool: the p-norm of each window.
 * https://onnx.ai/onnx/operators/onnx__LpPool.html
 */
export const lpPool = defineOp({
  type: "LpPool",
  since: [1, 2, 11, 18, 22],
  inputs: ["x"],
  attributes: {
    autoPad: string("NOTSET"),
    ceilMode: int(0),
    dilations: ints(),
    kernelShape: required(ints()),
    p: int(2),
    pads: ints(),
    strides: ints(),
  },
  receptiveField: ({ attributes, inputs: [x] }) => seenThrough(x, attributes.kernelShape, attributes),

  infer(context) {
    const { dtype } = context.fact(0);
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if (context.attributes.p < 1) context.fail(`p must be at least 1, got ${context.attributes.p}`);
    return [factOf(dtype, poolDims(context))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { p } = context.attributes;
    const window = poolWindow(context, x.dims);
    const result = pool(x, window, (source, plane, count, offsets) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += Math.abs(source[plane + (offsets[i] as number)] as number) ** p;
      return sum ** (1 / p);
    });
    return [fromNumbers(x.dtype, [...x.dims.slice(0, 2), ...window.outputs], result)];
  },
});
