import { elementCount } from "../../tensor.ts";
import { reduceCode } from "../contract.ts";
import { canBeChannelsLast, IMAGE, ROW_MAJOR } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";

type ReduceKind = keyof typeof reduceCode;

/** A pool over whole planes is a reduction, of which `kindOf` says which. */
export const globalPool = <A>(
  kindOf: (attributes: A) => ReduceKind | undefined,
): Lowering<A, ReduceKind> => ({
  name: "reduce",
  resolve: (site) => (site.input(0).fact.dtype === "float32" ? kindOf(site.attributes) : undefined),
  layouts: (site) => (canBeChannelsLast(site.input(0).fact) ? [IMAGE, ROW_MAJOR] : [ROW_MAJOR]),
  emit(context, kind) {
    const [x, y] = [context.input(0), context.output()];
    const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
    const [outer, inner] = x.layout === "rowMajor" ? [batch * channels, 1] : [batch, channels];
    context.call(
      "f32_reduce",
      reduceCode[kind],
      context.at(x),
      context.at(y),
      outer,
      elementCount(spatial),
      inner,
    );
  },
});
