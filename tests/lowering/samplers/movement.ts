import { anyDims, imageDims, longs, narrowed, type Sampler, type Samplers, scalar } from "../draw.ts";

const pad: Sampler = (draw) => {
  const dims = draw.maybe() ? imageDims(draw) : [draw.whole(1, 4), draw.whole(1, 6)];
  const mode = draw.pick("constant", "constant", "edge", "reflect");
  const amounts = [...dims, ...dims].map((dim) =>
    draw.whole(mode === "constant" ? -((dim - 1) >> 1) : 0, Math.min(2, dim - 1)),
  );
  const value = mode === "constant" && draw.maybe() ? scalar(1.5) : undefined;
  return { inputs: [draw.tensor(dims), longs(amounts), value], constants: [1, 2], attributes: { mode } };
};

const slice: Sampler = (draw) => {
  const dims = imageDims(draw);
  const axis = draw.whole(0, dims.length - 1);
  const size = dims[axis] as number;
  const [start, step] = [draw.whole(0, size - 1), draw.pick(1, 1, 2, -1)];
  const end = step < 0 ? -size - 1 : draw.whole(start + 1, size);
  const lists = [[start], [end], [axis], [step]].map(longs);
  return { inputs: [draw.tensor(dims), ...lists], constants: [1, 2, 3, 4] };
};

const concat: Sampler = (draw) => {
  const dims = imageDims(draw, draw.whole(1, 5));
  const axis = draw.pick(1, 1, draw.whole(0, dims.length - 1));
  const parts = Array.from({ length: draw.whole(1, 3) }, () =>
    dims.map((dim, i) => (i === axis ? draw.whole(1, 5) : dim)),
  );
  return { inputs: parts.map((part) => draw.tensor(part)), attributes: { axis } };
};

const split: Sampler = (draw) => {
  const dims = imageDims(draw, draw.pick(2, 5, 8));
  const axis = draw.pick(1, 1, draw.whole(0, dims.length - 1));
  const size = dims[axis] as number;
  const first = draw.whole(0, size);
  return {
    inputs: [draw.tensor(dims), longs([first, size - first])],
    constants: [1],
    attributes: { axis },
    outputs: 2,
  };
};

export const MOVEMENT: Samplers = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  DepthToSpace: (draw) => ({
    inputs: [draw.tensor([draw.whole(1, 2), 4 * draw.whole(1, 4), draw.whole(1, 5), draw.whole(1, 5)])],
    attributes: { blocksize: 2, mode: draw.pick("DCR", "CRD") },
  }),
  "lanewise.ChannelShuffle": (draw) => {
    const groups = draw.pick(1, 2, 2, 3, 4);
    const [batch, , ...image] = imageDims(draw) as [number, number, ...number[]];
    return {
      inputs: [draw.tensor([batch, groups * draw.whole(1, 9), ...image])],
      attributes: { groups },
      opset: 1,
    };
  },
  SpaceToDepth: (draw) => ({
    inputs: [draw.tensor([draw.whole(1, 2), draw.whole(1, 5), 2 * draw.whole(1, 4), 2 * draw.whole(1, 4)])],
    attributes: { blocksize: 2 },
  }),
  Transpose: (draw) => {
    const dims = anyDims(draw);
    const perm = dims.map((_, i) => i);
    for (let i = perm.length - 1; i > 0; i--) {
      const k = draw.whole(0, i);
      [perm[i], perm[k]] = [perm[k] as number, perm[i] as number];
    }
    return { inputs: [draw.tensor(dims)], attributes: { perm } };
  },
  Expand: (draw) => {
    const dims = imageDims(draw);
    return { inputs: [draw.tensor(narrowed(draw, dims)), longs(dims)], constants: [1] };
  },
  Tile: (draw) => {
    const dims = imageDims(draw);
    return { inputs: [draw.tensor(dims), longs(dims.map(() => draw.pick(1, 1, 2)))], constants: [1] };
  },
  Gather: (draw) => {
    const dims = imageDims(draw);
    const axis = draw.whole(0, dims.length - 1);
    const size = dims[axis] as number;
    const at = Array.from({ length: draw.whole(1, 4) }, () => draw.whole(-size, size - 1));
    return { inputs: [draw.tensor(dims), longs(at)], constants: [1], attributes: { axis } };
  },
  CenterCropPad: (draw) => {
    const dims = imageDims(draw);
    return {
      inputs: [draw.tensor(dims), longs(dims.map((dim) => draw.whole(1, dim + 3)))],
      constants: [1],
      opset: 18,
    };
  },
};
