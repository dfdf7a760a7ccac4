import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, ints, required } from "../define.ts";
import { checkedIndices } from "../movement/gathering.ts";
import { axisOf } from "../shared/axes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** The gradient of Gather by its data, which has `dims`: each part of dy added where it was taken from. */
export const gatherGradient = defineOp({
  type: "GatherGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["dy", "indices"],
  attributes: { axis: int(0), dims: required(ints()) },
  infer: (context) => [factOf(context.fact(0).dtype, context.attributes.dims)],
  evaluate(context) {
    const [dy, indices] = [context.tensor(0), context.tensor(1)];
    const { dims } = context.attributes;
    const axis = axisOf(context, context.attributes.axis, dims.length);
    const size = dims[axis] as number;
    const outer = elementCount(dims.slice(0, axis));
    const inner = elementCount(dims.slice(axis + 1));
    const picks = checkedIndices(context, indices, size);
    const slopes = toNumbers(dy);
    const result = new Float64Array(elementCount(dims));
    for (let row = 0; row < outer; row++) {
      picks.forEach((pick, i) => {
        const to = (row * size + pick) * inner;
        const from = (row * picks.length + i) * inner;
        for (let k = 0; k < inner; k++)
          result[to + k] = (result[to + k] as number) + (slopes[from + k] as number);
      });
    }
    return [fromNumbers(dy.dtype, dims, result)];
  },
});
