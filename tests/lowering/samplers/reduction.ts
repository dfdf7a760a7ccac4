import { imageDims, longs, type Sampler, type Samplers } from "../draw.ts";

const reduction: Sampler = (draw) => {
  const dims = draw.maybe() ? imageDims(draw) : [draw.whole(1, 5), draw.whole(1, 9), draw.whole(1, 7)];
  const axes = dims.map((_, i) => i).filter(() => draw.maybe());
  return {
    inputs: [draw.tensor(dims, 0.5, 1.5), axes.length > 0 ? longs(axes) : undefined],
    constants: [1],
    attributes: { keepdims: draw.whole(0, 1) },
    opset: 18,
    tolerance: 1e-5,
  };
};

export const REDUCTION: Samplers = {
  ...Object.fromEntries(
    [
      "ReduceL1",
      "ReduceL2",
      "ReduceLogSumExp",
      "ReduceLogSum",
      "ReduceMax",
      "ReduceMean",
      "ReduceMin",
      "ReduceProd",
      "ReduceSumSquare",
      "ReduceSum",
    ].map((op) => [op, reduction]),
  ),
};
