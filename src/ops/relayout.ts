import { dtypeInfo } from "../dtype.ts";
import { defineOp, required, sameAs, string } from "./define.ts";
import type { LowerContext } from "./lowering.ts";

/** Moves an image's channels last, or back: the logical value stays the same. Inserted by the layout pass only. */
export const relayout = defineOp({
  type: "Relayout",
  domain: "lanewise",
  since: [1],
  inputs: ["x"],
  attributes: { to: required(string()) },
  strided: true,

  infer: (context) => [sameAs(context.fact(0))],
  evaluate: (context) => [context.tensor(0)],

  lower: [
    {
      name: "transpose",
      when: (context) => kernelOf(context) !== undefined,
      lower(context) {
        const kernel = kernelOf(context) as Transposition;
        const [x, y] = [context.input(0), context.output()];
        const [batch, channels, ...image] = x.dims as [number, number, ...number[]];
        const pixels = image.reduce((a, b) => a * b, 1);
        if (x.layout === "rowMajor") {
          const [planes, stride] = [channels * pixels, y.pixelStride];
          context.call(
            kernel,
            context.at(x),
            pixels,
            context.at(y),
            stride,
            channels,
            pixels,
            batch,
            planes,
            pixels * stride,
          );
        } else {
          const stride = x.pixelStride;
          const planes = channels * pixels;
          context.call(
            kernel,
            context.at(x),
            stride,
            context.at(y),
            pixels,
            pixels,
            channels,
            batch,
            pixels * stride,
            planes,
          );
        }
      },
    },
  ],
});

type Transposition = "x32_transpose" | "x8_transpose";

/** The transposition for elements of this size. */
const kernelOf = (context: LowerContext<unknown>): Transposition | undefined => {
  const { bytes } = dtypeInfo[context.input(0).fact.dtype];
  return bytes === 4 ? "x32_transpose" : bytes === 1 ? "x8_transpose" : undefined;
};
