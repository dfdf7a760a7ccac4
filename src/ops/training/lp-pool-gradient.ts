import { elementCount } from "../../tensor.ts";
import { defineOp, int, ints, required, sameAs, string } from "../define.ts";
import { poolWindow } from "../pool/pooling.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { forEachWindow } from "../shared/window.ts";

/** The gradient of LpPool by x, given y too: sign(x)·(|x| / y)^(p − 1)·dy from each window; none from one of zeros. */
export const lpPoolGradient = defineOp({
  type: "LpPoolGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["x", "y", "dy"],
  attributes: {
    autoPad: string("NOTSET"),
    ceilMode: int(0),
    dilations: ints(),
    kernelShape: required(ints()),
    p: int(2),
    pads: ints(),
    strides: ints(),
  },
  infer: (context) => [sameAs(context.fact(0))],
  evaluate(context) {
    const { x, y, dy } = context.tensors();
    const { p } = context.attributes;
    const window = poolWindow(context, x.dims);
    const [inPlane, outPlane] = [elementCount(window.inputs), elementCount(window.outputs)];
    const planes = (x.dims[0] as number) * (x.dims[1] as number);
    const [source, norms, slopes] = [toNumbers(x), toNumbers(y), toNumbers(dy)];
    const result = new Float64Array(source.length);
    forEachWindow(window, (position, count, _, offsets) => {
      for (let plane = 0; plane < planes; plane++) {
        const from = plane * outPlane + position;
        const norm = norms[from] as number;
        if (norm === 0) continue;
        for (let i = 0; i < count; i++) {
          const at = plane * inPlane + (offsets[i] as number);
          const value = source[at] as number;
          const share = Math.sign(value) * (Math.abs(value) / norm) ** (p - 1);
          result[at] = (result[at] as number) + share * (slopes[from] as number);
        }
      }
    });
    return [fromNumbers(x.dtype, x.dims, result)];
  },
});
