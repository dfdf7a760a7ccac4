import { longs, type Sample, type Sampler, type Samplers } from "../draw.ts";

const resize: Sampler = (draw) => {
  const [n, c] = [1, draw.pick(1, 3, 5, 8)];
  const dims = [n, c, draw.whole(1, 7), draw.whole(1, 7)];
  const sizes = [n, c, draw.whole(1, 12), draw.whole(1, 12)];
  return {
    inputs: [draw.tensor(dims), undefined, undefined, longs(sizes)],
    constants: [3],
    attributes: {
      mode: draw.pick("nearest", "linear", "cubic"),
      coordinateTransformationMode: draw.pick(
        "half_pixel",
        "align_corners",
        "asymmetric",
        "pytorch_half_pixel",
      ),
    },
    opset: 18,
    tolerance: 1e-5,
  };
};

export const IMAGE: Samplers = {
  Resize: resize,
  Upsample: (draw) => {
    const scales: Sample["inputs"][number] = {
      dtype: "float32",
      dims: [4],
      data: Float32Array.of(1, 1, draw.whole(1, 3), draw.whole(1, 3)),
    };
    return {
      inputs: [draw.tensor([1, draw.whole(1, 5), draw.whole(1, 5), draw.whole(1, 5)]), scales],
      constants: [1],
      attributes: { mode: draw.pick("nearest", "linear") },
      opset: 9,
      tolerance: 1e-5,
    };
  },
};
