import { isFloat } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { type AttributesOf, defineOp, float, int, required, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";

const attributes = { alpha: float(0.0001), beta: float(0.75), bias: float(1), size: required(int()) };
export type LrnAttributes = AttributesOf<typeof attributes>;

/**
 * LRN: x / (bias + alpha/size · Σ x²)^beta, the sum over the `size` channels around.
 * https://onnx.ai/onnx/operators/onnx__LRN.html
 */
export const lrn = defineOp({
  type: "LRN",
  since: [1, 13],
  inputs: ["x"],
  attributes,
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
});
