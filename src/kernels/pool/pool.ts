import type { AveragePoolAttributes } from "../../ops/pool/average-pool.ts";
import { type PoolAttributes, poolWindow } from "../../ops/pool/pooling.ts";
import { isEightBit } from "../../ops/quantized/quantization.ts";
import type { Window } from "../../ops/shared/window.ts";
import type { LowerContext } from "../context.ts";
import { canBeChannelsLast, float32Images, IMAGE } from "../layouts.ts";
import type { Lowering, Lowerings } from "../lowering.ts";
import type { Site } from "../site.ts";
import { spatialShape } from "../spatial-shape.ts";
import { globalPool } from "./global.ts";

/** A pool of images for which `fits` holds. */
export const pooling = <A extends PoolAttributes>(
  name: string,
  fits: (site: Site<A>) => boolean,
  emit: (context: LowerContext<A>, window: Window) => void,
): Lowering<A, Window> => ({
  name,
  resolve: (site) => fits(site) && poolWindow(site, site.input(0).dims),
  layouts: () => [IMAGE],
  apart: () => true,
  emit,
});

const isFloat32 = (site: Site): boolean => float32Images(site.input(0), site.output());

const shapeOf = (context: LowerContext<unknown>, window: Window) =>
  context.struct("SpatialShape", spatialShape(context.input(0), context.output(), window));

const maxPool = pooling(
  "max_pool",
  (site) => isFloat32(site) && site.outputs.length === 1,
  (context, window) =>
    context.call(
      "f32_max_pool",
      shapeOf(context, window),
      context.at(context.input(0)),
      context.at(context.output()),
    ),
);

const maxPool8 = pooling(
  "i8_max_pool",
  ({ inputs: [x], outputs }) => isEightBit(x?.fact) && canBeChannelsLast(x?.fact) && outputs.length === 1,
  (context, window) => {
    const x = context.input(0);
    const signed = x.fact.dtype === "int8" ? 1 : 0;
    context.call(
      "i8_max_pool",
      shapeOf(context, window),
      context.at(x),
      context.at(context.output()),
      signed,
    );
  },
);

const averagePool = pooling<AveragePoolAttributes>("average_pool", isFloat32, (context, window) => {
  const { padsEnd } = window;
  const padBottom = padsEnd.length === 1 ? 0 : (padsEnd[0] as number);
  context.call(
    "f32_average_pool",
    shapeOf(context, window),
    context.at(context.input(0)),
    context.at(context.output()),
    context.attributes.countIncludePad,
    padBottom,
    padsEnd.at(-1) as number,
  );
});

export const lpPool = pooling<PoolAttributes & { readonly p: number }>(
  "lp_pool",
  // Powers beyond these leave float32's range.
  (site) => isFloat32(site) && site.attributes.p <= 8,
  (context, window) =>
    context.call(
      "f32_lp_pool",
      shapeOf(context, window),
      context.at(context.input(0)),
      context.at(context.output()),
      context.attributes.p,
    ),
);

export const POOL: Lowerings = {
  AveragePool: [averagePool],
  GlobalAveragePool: [globalPool(() => "mean")],
  GlobalMaxPool: [globalPool(() => "max")],
  MaxPool: [maxPool, maxPool8],
};
