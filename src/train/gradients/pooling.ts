import { type PoolingAttributes, pooledFrom } from "../../ops/pool/extra/max-unpool.ts";
import { algebra } from "./algebra.ts";
import type { GradientContext, GradientRules } from "./define.ts";

const imageOf = (context: GradientContext): readonly number[] => context.dims(context.x()).slice(2);

const averageBack = (context: GradientContext, window: GradientContext["attributes"]): readonly string[] => [
  context.emit("lanewise:AveragePoolGradient", [context.dy() as string], {
    ...window,
    inputShape: imageOf(context),
  }),
];

const maxBack = (context: GradientContext, window: GradientContext["attributes"]): readonly string[] => [
  context.emit("lanewise:MaxPoolGradient", [context.x(), context.dy() as string], window),
];

const lpBack = (context: GradientContext, window: GradientContext["attributes"]): readonly string[] => [
  context.emit("lanewise:LpPoolGradient", [context.x(), context.y(), context.dy() as string], window),
];

/** A global pool has one window: the whole image. */
export const poolingGradients: GradientRules = {
  AveragePool: (context) => averageBack(context, context.attributes),
  GlobalAveragePool: (context) => averageBack(context, { kernelShape: imageOf(context) }),
  MaxPool: (context) => maxBack(context, context.attributes),
  GlobalMaxPool: (context) => maxBack(context, { kernelShape: imageOf(context) }),
  LpPool: (context) => lpBack(context, context.attributes),
  GlobalLpPool: (context) => lpBack(context, { kernelShape: imageOf(context), p: context.attributes.p }),

  /** Each element of dy that an index names; the indices count in what the attributes imply. */
  MaxUnpool(context) {
    const a = algebra(context);
    const dy = context.dy() as string;
    const attributes = context.attributes as unknown as PoolingAttributes;
    const inner = pooledFrom(context.dims(context.x()), attributes) as number[];
    const ends = context.dims(dy).map((size, axis) => (inner[axis] as number) - size);
    const same = ends.every((size) => size === 0);
    const own = same ? dy : context.emit("Pad", [dy, context.ints([...ends.map(() => 0), ...ends])]);
    return [context.emit("Gather", [a.reshape(own, [-1]), context.x(1)])];
  },
};
