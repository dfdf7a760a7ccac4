import {
  anyDims,
  type Draw,
  imageDims,
  longs,
  narrowed,
  type Sample,
  type Sampler,
  scalar,
  vector,
} from "./draw.ts";

/** Strides, dilations and pads of a window that fits an image. */
export function windowOf(draw: Draw, image: readonly number[], { dilate = true } = {}) {
  const kernelShape = image.map((size) => draw.whole(1, Math.min(size, draw.pick(1, 3, 3, 5))));
  const strides = kernelShape.map(() => draw.pick(1, 1, 2, 3));
  const dilations = kernelShape.map((kernel, i) =>
    dilate && (kernel - 1) * 2 < (image[i] as number) ? draw.pick(1, 1, 2) : 1,
  );
  const pads = [...kernelShape, ...kernelShape].map((kernel) => draw.whole(0, draw.pick(0, kernel - 1)));
  const autoPad = dilations.every((d) => d === 1)
    ? draw.pick("NOTSET", "NOTSET", "SAME_UPPER", "VALID")
    : "NOTSET";
  return { kernelShape, strides, dilations, pads: autoPad === "NOTSET" ? pads : undefined, autoPad };
}

const unary =
  (low: number, high: number, attributes: (draw: Draw) => Sample["attributes"] = () => ({})): Sampler =>
  (draw) => ({ inputs: [draw.tensor(anyDims(draw), low, high)], attributes: attributes(draw) ?? {} });

const logic: Sampler = (draw) => {
  const dims = anyDims(draw);
  return { inputs: [draw.tensor(dims, 0, 1, "bool"), draw.tensor(narrowed(draw, dims), 0, 1, "bool")] };
};

const bits: Sampler = (draw) => {
  const dims = anyDims(draw);
  return {
    inputs: [draw.tensor(dims, -99, 99, "int32"), draw.tensor(narrowed(draw, dims), -99, 99, "int32")],
    opset: 18,
  };
};

const binary =
  (low: number, high: number): Sampler =>
  (draw) => {
    const dims = anyDims(draw);
    const inputs = [draw.tensor(dims, low, high), draw.tensor(narrowed(draw, dims), low, high)];
    return { inputs: draw.maybe() ? inputs : inputs.reverse(), constants: draw.pick([], [], [0], [1]) };
  };

const many: Sampler = (draw) => {
  const dims = anyDims(draw);
  return { inputs: Array.from({ length: draw.whole(1, 4) }, () => draw.tensor(narrowed(draw, dims))) };
};

const pool: Sampler = (draw) => {
  const dims = imageDims(draw);
  return { inputs: [draw.tensor(dims)], attributes: windowOf(draw, dims.slice(2), { dilate: false }) };
};

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

const global: Sampler = (draw) => ({ inputs: [draw.tensor(imageDims(draw))], tolerance: 1e-5 });

const softmax: Sampler = (draw) => {
  const dims = draw.maybe() ? imageDims(draw) : [draw.whole(1, 5), draw.whole(1, 40)];
  return {
    inputs: [draw.tensor(dims, -4, 4)],
    attributes: { axis: draw.whole(-dims.length, dims.length - 1) },
    opset: draw.pick(13, 22),
    tolerance: 1e-5,
  };
};

const recurrent =
  (gates: number, outputs: number): Sampler =>
  (draw) => {
    const [seq, batch, size, hidden] = [
      draw.whole(1, 4),
      draw.whole(1, 3),
      draw.whole(1, 6),
      draw.pick(1, 3, 4, 9),
    ];
    const direction = draw.pick("forward", "reverse", "bidirectional");
    const ways = direction === "bidirectional" ? 2 : 1;
    const bias = draw.maybe() ? draw.tensor([ways, 2 * gates * hidden], -0.5, 0.5) : undefined;
    const w = draw.tensor([ways, gates * hidden, size], -0.5, 0.5);
    const r = draw.tensor([ways, gates * hidden, hidden], -0.5, 0.5);
    return {
      inputs: [draw.tensor([seq, batch, size]), w, r, bias],
      constants: [1, 2, 3],
      attributes: { hiddenSize: hidden, direction },
      outputs,
      tolerance: 1e-5,
    };
  };

const pad: Sampler = (draw) => {
  const dims = draw.maybe() ? imageDims(draw) : [draw.whole(1, 4), draw.whole(1, 6)];
  const mode = draw.pick("constant", "constant", "edge", "reflect");
  const amounts = [...dims, ...dims].map((dim) =>
    draw.whole(mode === "constant" ? -((dim - 1) >> 1) : 0, Math.min(2, dim - 1)),
  );
  const value = mode === "constant" && draw.maybe() ? scalar(1.5) : undefined;
  return { inputs: [draw.tensor(dims), longs(amounts), value], constants: [1, 2], attributes: { mode } };
};

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

const normalized = (draw: Draw): Sample => {
  const dims = imageDims(draw);
  const c = dims[1] as number;
  return {
    inputs: [draw.tensor(dims), vector(draw, c, 0.5, 1.5), vector(draw, c)],
    constants: [1, 2],
    tolerance: 1e-4,
  };
};

function quantized(draw: Draw): {
  x: Sample["inputs"][number];
  scale: Sample["inputs"][number];
  zero: Sample["inputs"][number];
} {
  const dtype = draw.pick("int8", "uint8");
  return {
    x: draw.tensor(imageDims(draw), dtype === "int8" ? -128 : 0, dtype === "int8" ? 127 : 255, dtype),
    scale: scalar(draw.pick(0.01, 0.05, 1)),
    zero: scalar(draw.whole(0, 100), dtype),
  };
}

/** How to draw each operator that has a lowering. */
export const SAMPLERS: Readonly<Record<string, Sampler>> = {
  ...Object.fromEntries(
    [
      "Abs",
      "Atan",
      "Ceil",
      "Celu",
      "Cos",
      "Cosh",
      "Elu",
      "Erf",
      "Exp",
      "Floor",
      "HardSigmoid",
      "HardSwish",
      "LeakyRelu",
      "Mish",
      "Neg",
      "Relu",
      "Round",
      "Selu",
      "Sigmoid",
      "Sign",
      "Sin",
      "Sinh",
      "Softplus",
      "Softsign",
      "Swish",
      "Tan",
      "Tanh",
      "ThresholdedRelu",
      "Asinh",
      "Shrink",
      "IsInf",
      "IsNaN",
    ].map((op) => [op, unary(-1.4, 1.4)]),
  ),
  Dropout: unary(-2, 2),
  Gelu: unary(-3, 3, (draw) => ({ approximate: draw.pick("none", "tanh") })),
  "lanewise.Silu": unary(-3, 3, () => ({ alpha: 1.5 })),
  ...Object.fromEntries(["Log", "Reciprocal", "Sqrt"].map((op) => [op, unary(0.2, 3)])),
  ...Object.fromEntries(["Acos", "Asin", "Atanh"].map((op) => [op, unary(-0.9, 0.9)])),
  Acosh: unary(1.1, 3),
  Clip: (draw) => ({
    inputs: [draw.tensor(anyDims(draw)), draw.maybe() ? scalar(-0.5) : undefined, scalar(0.7)],
    constants: [1, 2],
  }),
  Not: (draw) => ({ inputs: [draw.tensor(anyDims(draw), 0, 1, "bool")] }),
  BitwiseNot: (draw) => ({ inputs: [draw.tensor(anyDims(draw), -99, 99, "int32")], opset: 18 }),
  ...Object.fromEntries(
    ["Add", "Sub", "Mul", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"].map((op) => [
      op,
      binary(-2, 2),
    ]),
  ),
  Div: binary(0.5, 2),
  Pow: binary(0.5, 2),
  ...Object.fromEntries(["And", "Or", "Xor"].map((op) => [op, logic])),
  ...Object.fromEntries(["BitwiseAnd", "BitwiseOr", "BitwiseXor"].map((op) => [op, bits])),
  ...Object.fromEntries(["Max", "Min", "Mean", "Sum"].map((op) => [op, many])),
  PRelu: (draw) => {
    const dims = imageDims(draw);
    const slope = draw.pick(
      [dims[1] as number, ...dims.slice(2).map(() => 1)],
      [1],
      narrowed(draw, dims),
      dims,
    );
    return { inputs: [draw.tensor(dims), draw.tensor(slope)], constants: draw.pick([], [1]) };
  },
  SwiGLU: (draw) => {
    const dims = anyDims(draw);
    return { inputs: [draw.tensor(dims), draw.tensor(dims)] };
  },
  MaxPool: pool,
  AveragePool: (draw) => {
    const sample = pool(draw);
    return {
      ...sample,
      attributes: { ...sample.attributes, countIncludePad: draw.whole(0, 1), ceilMode: draw.whole(0, 1) },
    };
  },
  LpPool: (draw) => {
    const sample = pool(draw);
    return {
      ...sample,
      attributes: { ...sample.attributes, p: draw.whole(1, 3) },
      opset: 18,
      tolerance: 1e-5,
    };
  },
  Conv: conv,
  ConvTranspose: convTranspose,
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
  ...Object.fromEntries(["GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool"].map((op) => [op, global])),
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
  ...Object.fromEntries(["Softmax", "LogSoftmax", "Hardmax"].map((op) => [op, softmax])),
  Gemm: (draw) => {
    const [m, k, n] = [draw.whole(1, 9), draw.whole(1, 20), draw.whole(1, 20)];
    const [transA, transB] = [draw.whole(0, 1), draw.whole(0, 1)];
    const c = draw.pick(undefined, [n], [m, n], [m, 1], [], [1, n]);
    return {
      inputs: [
        draw.tensor(transA ? [k, m] : [m, k]),
        draw.tensor(transB ? [n, k] : [k, n]),
        c && draw.tensor(c),
      ],
      constants: draw.pick([], [1], [1, 2], [0, 2]),
      attributes: { transA, transB, alpha: draw.pick(1, 0.5), beta: draw.pick(1, -2, 0) },
      tolerance: 1e-5,
    };
  },
  MatMul: (draw) => {
    const [m, k, n] = [draw.whole(1, 9), draw.whole(1, 20), draw.whole(1, 20)];
    const batch = draw.pick([], [2], [2, 3], [1, 3]);
    const other = draw.maybe() ? [] : narrowed(draw, batch);
    return {
      inputs: [draw.tensor([...batch, m, k]), draw.tensor([...other, k, n])],
      constants: draw.pick([], [1]),
      tolerance: 1e-5,
    };
  },
  LSTM: recurrent(4, 3),
  GRU: recurrent(3, 2),
  RNN: recurrent(1, 2),
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
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
  QuantizeLinear: (draw) => {
    const { scale, zero } = quantized(draw);
    return { inputs: [draw.tensor(imageDims(draw), -3, 3), scale, zero], constants: draw.pick([], [1, 2]) };
  },
  DequantizeLinear: (draw) => {
    const { x, scale, zero } = quantized(draw);
    return { inputs: [x, scale, zero], constants: draw.pick([], [1, 2]) };
  },
  ConvInteger: (draw) => {
    const group = draw.pick(1, 1, 2, 3);
    const [batch, inC, ...image] = imageDims(draw, group * draw.whole(1, 5)) as [number, number, ...number[]];
    const outC = group * draw.whole(1, 9);
    const kernel = image.map((size) => draw.whole(1, Math.min(size, 3)));
    const x = draw.tensor([batch, inC, ...image], 0, 255, "uint8");
    const w = draw.tensor([outC, inC / group, ...kernel], -128, 127, "int8");
    const zeros = [draw.tensor([], 0, 255, "uint8"), draw.tensor(draw.pick([], [outC]), -9, 9, "int8")];
    const strides = image.map(() => draw.whole(1, 2));
    const pads = [...image, ...image].map(() => draw.whole(0, 2));
    return { inputs: [x, w, ...zeros], constants: [1, 3], attributes: { group, strides, pads } };
  },
  MatMulInteger: (draw) => {
    const [m, k, n] = [draw.whole(1, 12), draw.whole(1, 20), draw.whole(1, 20)];
    const a = draw.tensor([...draw.pick([], [2], [2, 3]), m, k], 0, 255, "uint8");
    const b = draw.tensor([k, n], -128, 127, "int8");
    const zeros = [draw.tensor([], 0, 255, "uint8"), draw.tensor(draw.pick([], [n]), -9, 9, "int8")];
    return { inputs: [a, b, ...zeros], constants: [1, 3] };
  },
  DynamicQuantizeLinear: (draw) => ({ inputs: [draw.tensor(imageDims(draw), -3, 3)], outputs: 3 }),
};
