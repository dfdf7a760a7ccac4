import { floats, imageDims, type Sampler, type Samplers, windowOf } from "../draw.ts";

const pool: Sampler = (draw) => {
  const dims = imageDims(draw);
  return { inputs: [draw.tensor(dims)], attributes: windowOf(draw, dims.slice(2), { dilate: false }) };
};

const global: Sampler = (draw) => ({ inputs: [draw.tensor(imageDims(draw))], tolerance: 1e-5 });

/** An image's rows, read from left to right. */
const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
/** Two channels of 2×2 pixels. */
const CORNERS = floats([1, 2, 2, 2], 3, 4, 0, 0, 5, -12, 0, 0);

export const POOL: Samplers = {
  MaxPool: {
    draw: pool,
    examples: [
      {
        inputs: [floats([1, 2, 3, 3], ...ROWS, ...ROWS.map((value) => -value))],
        attributes: { kernelShape: [2, 2] },
        gives: [floats([1, 2, 2, 2], 5, 6, 8, 9, -1, -2, -4, -5)],
      },
      {
        inputs: [floats([1, 1, 1, 6], 1, NaN, -Infinity, -Infinity, 0, -0)],
        attributes: { kernelShape: [1, 2], strides: [1, 2] },
        gives: [floats([1, 1, 1, 3], NaN, -Infinity, 0)],
      },
    ],
  },
  AveragePool: {
    draw: (draw) => {
      const sample = pool(draw);
      return {
        ...sample,
        attributes: { ...sample.attributes, countIncludePad: draw.whole(0, 1), ceilMode: draw.whole(0, 1) },
      };
    },
    examples: [
      {
        inputs: [floats([1, 1, 2, 2], 1, 2, 3, 4)],
        attributes: { kernelShape: [2, 2], pads: [1, 1, 1, 1] },
        gives: [floats([1, 1, 3, 3], 1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4)],
      },
      {
        inputs: [floats([1, 1, 2, 2], 1, 2, 3, 4)],
        attributes: { kernelShape: [2, 2], pads: [1, 1, 1, 1], countIncludePad: 1 },
        gives: [floats([1, 1, 3, 3], 0.25, 0.75, 0.5, 1, 2.5, 1.5, 0.75, 1.75, 1)],
      },
    ],
  },
  LpPool: {
    draw: (draw) => {
      const sample = pool(draw);
      return {
        ...sample,
        attributes: { ...sample.attributes, p: draw.whole(1, 3) },
        opset: 18,
        tolerance: 1e-5,
      };
    },
    examples: [
      {
        inputs: [floats([1, 1, 1, 4], 3, -4, 5, 12)],
        attributes: { kernelShape: [1, 2], strides: [1, 2], p: 2 },
        opset: 18,
        gives: [floats([1, 1, 1, 2], 5, 13)],
      },
      {
        inputs: [floats([1, 1, 4], 3, -4, 5, 12)],
        attributes: { kernelShape: [3], p: 1 },
        opset: 18,
        gives: [floats([1, 1, 2], 12, 21)],
      },
    ],
  },
  GlobalAveragePool: {
    draw: global,
    examples: [{ inputs: [CORNERS], gives: [floats([1, 2, 1, 1], 1.75, -1.75)] }],
  },
  GlobalLpPool: {
    draw: global,
    examples: [{ inputs: [CORNERS], attributes: { p: 2 }, gives: [floats([1, 2, 1, 1], 5, 13)] }],
  },
  GlobalMaxPool: { draw: global, examples: [{ inputs: [CORNERS], gives: [floats([1, 2, 1, 1], 4, 5)] }] },
};
