import { normalizeAxis } from "../../graph/dims.ts";
import { fromNumbers } from "../../ops/shared/elements.ts";
import { checkedIndices } from "../../ops/shared/gathering.ts";
import { defineGradient, type GradientContext } from "./define.ts";

/** Each row of dy added to the row it was taken from. */
export const gatherGradientRule = defineGradient({
  op: "Gather",
  inputs: (context) => [
    byOneHot(context) ??
      context.emit("lanewise:GatherGradient", [context.dy() as string, context.x(1)], {
        axis: context.attributes.axis,
        dims: context.dims(context.x(0)),
      }),
  ],
});

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
