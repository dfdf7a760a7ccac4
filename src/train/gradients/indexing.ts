import { normalizeAxis } from "../../graph/dims.ts";
import type { Attributes } from "../../graph/graph.ts";
import { checkedIndices } from "../../ops/movement/gathering.ts";
import { fromNumbers } from "../../ops/shared/elements.ts";
import { algebra } from "./algebra.ts";
import type { GradientContext, GradientRules } from "./define.ts";

/** Operators that pick or place elements by indices. */
export const indexingGradients: GradientRules = {
  /** Each row of dy added to the row it was taken from. */
  Gather: (context) => [
    byOneHot(context) ??
      context.emit("lanewise:GatherGradient", [context.dy() as string, context.x(1)], {
        axis: context.attributes.axis,
        dims: context.dims(context.x(0)),
      }),
  ],

  GatherElements: (context) => [
    context.emit(
      "ScatterElements",
      [algebra(context).zeros(context.x(0)), context.x(1), context.dy() as string],
      {
        axis: context.attributes.axis,
        reduction: "add",
      },
    ),
  ],

  GatherND(context) {
    if (context.attributes.batchDims !== 0) return context.decline("it has batch_dims");
    const inputs = [algebra(context).zeros(context.x(0)), context.x(1), context.dy() as string];
    return [context.emit("ScatterND", inputs, { reduction: "add" })];
  },

  TopK(context) {
    const [dy, indices] = [context.dy(0), context.y(1)];
    if (dy === undefined || indices === "") return context.decline("it gives no indices");
    const inputs = [algebra(context).zeros(context.x(0)), indices, dy];
    return [context.emit("ScatterElements", inputs, { axis: context.attributes.axis })];
  },

  ScatterElements: (context) => scatterBack(context, "Elements", { axis: context.attributes.axis }),
  ScatterND: (context) => scatterBack(context, "ND", {}),
};

/** What was written over has no part in y; with "add" everything has. */
function scatterBack(
  context: GradientContext,
  by: "Elements" | "ND",
  attributes: Attributes,
): readonly (string | undefined)[] {
  const { reduction } = context.attributes;
  if (reduction !== "none" && reduction !== "add") return context.decline(`its reduction is ${reduction}`);
  const [dy, indices, updates] = [context.dy() as string, context.x(1), context.x(2)];
  const kept = () => context.emit(`Scatter${by}`, [dy, indices, algebra(context).zeros(updates)], attributes);
  return [
    context.wants(0) ? (reduction === "add" ? dy : kept()) : undefined,
    undefined,
    context.wants(2) ? context.emit(`Gather${by}`, [dy, indices], attributes) : undefined,
  ];
}

/** Channels of an image picked by known indices: a convolution with ones where a channel went puts them back. */
function byOneHot(context: GradientContext): string | undefined {
  const dims = context.dims(context.x(0));
  const indices = context.constant(context.x(1));
  const axis = normalizeAxis(context.attributes.axis as number, dims.length);
  if (dims.length < 3 || axis !== 1 || indices?.dims.length !== 1) return undefined;
  const channels = dims[1] as number;
  const fail = (message: string): never => context.decline(message);
  const picks = checkedIndices({ fail }, indices, channels);
  const weight = new Float64Array(channels * picks.length);
  picks.forEach((channel, i) => {
    weight[channel * picks.length + i] = 1;
  });
  const shape = [channels, picks.length, ...dims.slice(2).map(() => 1)];
  const w = context.tensor(fromNumbers(context.dtype(context.x(0)), shape, weight));
  return context.emit("Conv", [context.dy() as string, w]);
}
