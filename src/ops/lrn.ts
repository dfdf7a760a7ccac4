import { isFloat } from "../dtype.ts";
import { showDims } from "../graph/dims.ts";
import { elementCount } from "../tensor.ts";
import { defineOp, float, int, required, sameAs } from "./define.ts";
import { asFloat } from "./kernel-arguments.ts";
import { fromNumbers, toNumbers } from "./shared/elements.ts";
import { imageLayout, isFloat32Image } from "./shared/pooling.ts";
import { atOwnPlace } from "./shared/receptive-field.ts";
import { pixelCount } from "./shared/spatial.ts";

/**
 * LRN: x / (bias + alpha/size · Σ x²)^beta, the sum over the `size` channels around.
 * https://onnx.ai/onnx/operators/onnx__LRN.html
 */
export const lrn = defineOp({
  type: "LRN",
  since: [1, 13],
  inputs: ["x"],
  attributes: { alpha: float(0.0001), beta: float(0.75), bias: float(1), size: required(int()) },
  layout: imageLayout,
  strided: true,
  receptiveField: atOwnPlace,

  infer(context) {
    const x = context.fact(0);
    if (!isFloat(x.dtype)) context.failType(`x must be a float tensor, got ${x.dtype}`);
    if (x.dims !== undefined && x.dims.length < 2)
      context.fail(`x needs a batch and a channel axis, got ${showDims(x.dims)}`);
    if (context.attributes.size < 1) context.fail(`size must be at least 1, got ${context.attributes.size}`);
    return [sameAs(x)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { alpha, beta, bias, size } = context.attributes;
    const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
    const plane = elementCount(spatial);
    const before = Math.floor((size - 1) / 2);
    const after = Math.ceil((size - 1) / 2);
    const source = toNumbers(x);
    const result = new Float64Array(source.length);
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        const first = Math.max(0, c - before);
        const last = Math.min(channels - 1, c + after);
        for (let i = 0; i < plane; i++) {
          let squares = 0;
          for (let k = first; k <= last; k++)
            squares += (source[(n * channels + k) * plane + i] as number) ** 2;
          const at = (n * channels + c) * plane + i;
          result[at] = (source[at] as number) / (bias + (alpha / size) * squares) ** beta;
        }
      }
    }
    return [fromNumbers(x.dtype, x.dims, result)];
  },

  lower: [
    {
      name: "lrn",
      // The kernel's power is that of a number above 0.
      when: (context) =>
        isFloat32Image(context) && context.attributes.bias > 0 && context.attributes.alpha >= 0,
      lower(context) {
        const [x, y] = [context.input(0), context.output()];
        const { alpha, beta, bias, size } = context.attributes;
        const rows = pixelCount(x);
        const tail = [rows, x.dims[1] as number, size, asFloat(alpha), asFloat(beta), asFloat(bias)] as const;
        context.call("f32_lrn", context.at(x), x.pixelStride, context.at(y), y.pixelStride, ...tail);
      },
    },
  ],
});
