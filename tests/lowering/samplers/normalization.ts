import { anyDims, type Draw, imageDims, type Sample, type Sampler, type Samplers, vector } from "../draw.ts";

const normalized = (draw: Draw): Sample => {
  const dims = imageDims(draw);
  const c = dims[1] as number;
  return {
    inputs: [draw.tensor(dims), vector(draw, c, 0.5, 1.5), vector(draw, c)],
    constants: [1, 2],
    tolerance: 1e-4,
  };
};

const softmax: Sampler = (draw) => {
  const dims = draw.maybe() ? imageDims(draw) : [draw.whole(1, 5), draw.whole(1, 40)];
  return {
    inputs: [draw.tensor(dims, -4, 4)],
    attributes: { axis: draw.whole(-dims.length, dims.length - 1) },
    opset: draw.pick(13, 22),
    tolerance: 1e-5,
  };
};

export const NORMALIZATION: Samplers = {
  BatchNormalization: (draw) => {
    const dims = draw.maybe() ? imageDims(draw) : [draw.whole(1, 3), draw.whole(1, 9)];
    const c = dims[1] as number;
    const inputs = [
      draw.tensor(dims),
      vector(draw, c),
      vector(draw, c),
      vector(draw, c),
      vector(draw, c, 0.5, 2),
    ];
    return { inputs, constants: draw.pick([], [1, 2, 3, 4]), tolerance: 1e-5 };
  },
  InstanceNormalization: normalized,
  GroupNormalization: (draw) => {
    const group = draw.pick(1, 2, 3);
    const dims = imageDims(draw, group * draw.whole(1, 5));
    const c = dims[1] as number;
    return {
      inputs: [draw.tensor(dims), vector(draw, c), vector(draw, c)],
      constants: [1, 2],
      attributes: { numGroups: group },
      opset: 21,
      tolerance: 1e-4,
    };
  },
  LayerNormalization: (draw) => {
    const dims = anyDims(draw).concat(draw.whole(2, 9));
    const inner = dims.slice(-1);
    return {
      inputs: [draw.tensor(dims), draw.tensor(inner), draw.maybe() ? draw.tensor(inner) : undefined],
      constants: [1, 2],
      attributes: { axis: -1 },
      tolerance: 1e-4,
    };
  },
  LRN: (draw) => ({
    inputs: [draw.tensor([draw.whole(1, 2), draw.whole(1, 17), draw.whole(1, 5), draw.whole(1, 5)])],
    attributes: { size: draw.pick(1, 3, 5), alpha: 0.3 },
    tolerance: 1e-5,
  }),
  ...Object.fromEntries(["Softmax", "LogSoftmax", "Hardmax"].map((op) => [op, softmax])),
};
