import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** The sum over everything but channels: x[N, C, …] to y[C]; the gradient of a convolution by its bias. */
export const channelSum = defineOp({
  type: "ChannelSum",
  domain: "lanewise",
  since: [1],
  inputs: ["x"],
  attributes: {},
  infer(context) {
    const { dtype, dims } = context.fact(0);
    return [factOf(dtype, [dims?.[1] ?? "?"])];
  },
  evaluate(context) {
    const x = context.tensor(0);
    const channels = x.dims[1] as number;
    const run = elementCount(x.dims.slice(2));
    const sums = new Float64Array(channels);
    toNumbers(x).forEach((value, i) => {
      const c = Math.floor(i / run) % channels;
      sums[c] = (sums[c] as number) + value;
    });
    return [fromNumbers(x.dtype, [channels], sums)];
  },
});
