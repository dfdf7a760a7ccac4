import { rowMajorStrides } from "../../graph/dims.ts";
import { defineOp, int, required, sameAs } from "../define.ts";
import { like } from "../shared/elements.ts";
import { readStrided } from "./strided-copy.ts";

/**
 * The strides of x[N, C, …] split along its channels into [N, C / groups, groups, …], in which order the groups' channels
 * take turns; `dims` and `strides` are those of x.
 */
export function shuffled(dims: readonly number[], strides: readonly number[], groups: number) {
  const [batch, channels, ...image] = dims as [number, number, ...number[]];
  const [outer, step, ...inner] = strides as [number, number, ...number[]];
  const own = channels / groups;
  return {
    dims: [batch, own, groups, ...image],
    /** Where they come from: the groups lie one behind the other. */
    from: [outer, step, step * own, ...inner],
    /** Where they go: one of each group in turn. */
    to: [outer, step * groups, step, ...inner],
  };
}

/**
 * The channels of x[N, C, …] reordered: one of each group in turn (ShuffleNet, https://arxiv.org/abs/1707.01083). Put in by
 * the pass "find shuffle" only.
 */
export const channelShuffle = defineOp({
  type: "ChannelShuffle",
  domain: "lanewise",
  since: [1],
  inputs: ["x"],
  attributes: { groups: required(int()) },
  moves: true,

  infer: (context) => [sameAs(context.fact(0))],

  evaluate(context) {
    const x = context.tensor(0);
    const { dims, from } = shuffled(x.dims, rowMajorStrides(x.dims), context.attributes.groups);
    return [like(x, x.dims, readStrided(x, dims, 0, from).data)];
  },
});
