import { elementCount } from "../../tensor.ts";
import { defineOp, sameAs } from "../define.ts";
import { MAX_POOL_ATTRIBUTES, poolWindow } from "../pool/pooling.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { forEachWindow } from "../shared/window.ts";

/** The gradient of MaxPool by x: each dy goes to the first largest element of its window. */
export const maxPoolGradient = defineOp({
  type: "MaxPoolGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["x", "dy"],
  attributes: MAX_POOL_ATTRIBUTES,
  infer: (context) => [sameAs(context.fact(0))],
  evaluate(context) {
    const [x, dy] = [context.tensor(0), context.tensor(1)];
    const window = poolWindow(context, x.dims);
    const [inPlane, outPlane] = [elementCount(window.inputs), elementCount(window.outputs)];
    const planes = (x.dims[0] as number) * (x.dims[1] as number);
    const [source, slopes] = [toNumbers(x), toNumbers(dy)];
    const result = new Float64Array(source.length);
    forEachWindow(window, (position, count, _, offsets) => {
      for (let plane = 0; plane < planes && count > 0; plane++) {
        let best = plane * inPlane + (offsets[0] as number);
        for (let i = 1; i < count; i++) {
          const at = plane * inPlane + (offsets[i] as number);
          if ((source[at] as number) > (source[best] as number)) best = at;
        }
        result[best] = (result[best] as number) + (slopes[plane * outPlane + position] as number);
      }
    });
    return [fromNumbers(x.dtype, x.dims, result)];
  },
});
