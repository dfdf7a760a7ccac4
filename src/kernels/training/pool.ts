import { type PoolAttributes, poolWindow } from "../../ops/pool/pooling.ts";
import type { Window } from "../../ops/shared/window.ts";
import {
  type AveragePoolGradientAttributes,
  averagePoolGradientWindow,
} from "../../ops/training/average-pool-gradient.ts";
import { float32Images, IMAGE } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { spatialShape } from "../spatial-shape.ts";

export const averagePoolGradient: Lowering<AveragePoolGradientAttributes, Window> = {
  name: "f32_average_pool_gradient",
  resolve: (site) => float32Images(site.input(0), site.output()) && averagePoolGradientWindow(site),
  layouts: () => [IMAGE],
  emit(context, window) {
    const [dy, dx] = [context.input(0), context.output()];
    context.call(
      "f32_average_pool_gradient",
      context.struct("SpatialShape", spatialShape(dx, dy, window)),
      context.at(dy),
      context.at(dx),
      context.attributes.countIncludePad,
      window.padsEnd.length === 1 ? 0 : (window.padsEnd[0] as number),
      window.padsEnd.at(-1) as number,
    );
  },
};

export const maxPoolGradient: Lowering<PoolAttributes, Window> = {
  name: "f32_max_pool_gradient",
  resolve: (site) => float32Images(site.input(0), site.input(1)) && poolWindow(site, site.input(0).dims),
  layouts: () => [{ inputs: ["channelsLast", "channelsLast"], outputs: ["channelsLast"] }],
  emit(context, window) {
    const [x, dy] = [context.input(0), context.input(1)];
    const shape = context.struct("SpatialShape", spatialShape(x, dy, window));
    context.call(
      "f32_max_pool_gradient",
      ...[shape, context.at(x), context.at(dy), context.at(context.output())],
    );
  },
};
