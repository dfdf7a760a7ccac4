import type { LrnAttributes } from "../../ops/normalization/lrn.ts";
import { asFloat } from "../arguments.ts";
import { float32Images, IMAGE } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { pixelCount } from "../spatial-shape.ts";

export const lrn: Lowering<LrnAttributes, true> = {
  name: "lrn",
  // The kernel's power is that of a number above 0.
  resolve: (site) => float32Images(site.input(0)) && site.attributes.bias > 0 && site.attributes.alpha >= 0,
  layouts: () => [IMAGE],
  apart: () => true,
  emit(context) {
    const [x, y] = [context.input(0), context.output()];
    const { alpha, beta, bias, size } = context.attributes;
    const rows = pixelCount(x);
    const tail = [rows, x.dims[1] as number, size, asFloat(alpha), asFloat(beta), asFloat(bias)] as const;
    context.call("f32_lrn", context.at(x), x.pixelStride, context.at(y), y.pixelStride, ...tail);
  },
};
