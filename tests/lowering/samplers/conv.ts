import { imageDims, type Sampler, type Samplers, vector, windowOf } from "../draw.ts";

const conv: Sampler = (draw) => {
  const group = draw.pick(1, 1, 2, 3);
  const [inC, outC] = [draw.pick(1, 3, 4, 8, 17) * group, draw.pick(1, 2, 4, 5, 8, 9, 16) * group];
  const depthwise = draw.pick(false, false, true);
  const dims = imageDims(draw, inC);
  const window = windowOf(draw, dims.slice(2));
  const pointwise = draw.pick(false, false, true);
  const kernelShape = pointwise ? window.kernelShape.map(() => 1) : window.kernelShape;
  const attributes = pointwise ? { kernelShape } : window;
  const w = draw.tensor(depthwise ? [inC, 1, ...kernelShape] : [outC, inC / group, ...kernelShape], -1, 1);
  return {
    inputs: [draw.tensor(dims), w, draw.maybe() ? vector(draw, w.dims[0] as number) : undefined],
    constants: [1, 2],
    attributes: { ...attributes, group: depthwise ? inC : group },
    tolerance: 1e-5,
  };
};

export const convTranspose: Sampler = (draw) => {
  const group = draw.pick(1, 1, 2);
  const [inC, outC] = [draw.pick(1, 3, 8) * group, draw.pick(1, 2, 5, 8)];
  const dims = imageDims(draw, inC);
  const kernelShape = dims.slice(2).map(() => draw.whole(1, 4));
  const strides = kernelShape.map(() => draw.whole(1, 3));
  const outputPadding = strides.map((stride) => draw.whole(0, stride - 1));
  const half = kernelShape.map((kernel) => draw.whole(0, (kernel - 1) >> 1));
  const bias = draw.maybe() ? vector(draw, outC * group) : undefined;
  return {
    inputs: [draw.tensor(dims), draw.tensor([inC, outC, ...kernelShape], -1, 1), bias],
    constants: [1, 2],
    attributes: { group, strides, outputPadding, pads: [...half, ...half] },
    tolerance: 1e-5,
  };
};

export const CONV: Samplers = {
  Conv: conv,
  ConvTranspose: convTranspose,
};
