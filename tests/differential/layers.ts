import { float, node } from "../support/onnx-model.ts";
import type { Drawing, Value } from "./random-graph.ts";

/** Draws a few nodes of a kind that networks are made of, or none where nothing fits. */
export type Layer = (drawing: Drawing) => void;

const isImage = ({ dims }: Value): boolean => dims.length === 3 || dims.length === 4;
const channelsOf = ({ dims }: Value): number => dims[1] as number;
const spatial = ({ dims }: Value): readonly number[] => dims.slice(2);
const same = (a: Value, b: Value): boolean => a.dims.join() === b.dims.join();
const CHANNELS = [1, 2, 3, 4, 5, 7, 8, 12, 13, 16];

/** A convolution's attributes and whether its window fits the image. */
function windowOf(
  { random }: Drawing,
  x: Value,
  { dilate = true, pad = true } = {},
): { attributes: Record<string, number[] | string>; kernel: number[] } | undefined {
  const size = random.pick([1, 1, 2, 3, 3, 3, 5]);
  const kernel = spatial(x).map(() => (random.chance(0.15) ? random.pick([1, 2, 3]) : size));
  const strides = spatial(x).map(() => random.pick([1, 1, 1, 2, 3]));
  const dilations = kernel.map(() => (dilate && random.chance(0.15) ? 2 : 1));
  const extents = kernel.map((k, i) => (k - 1) * (dilations[i] as number) + 1);
  const attributes: Record<string, number[] | string> = { kernel_shape: kernel, strides };
  if (dilations.some((d) => d > 1)) attributes.dilations = dilations;
  const style = pad ? random.pick(["none", "half", "half", "any", "SAME_UPPER", "SAME_LOWER"]) : "none";
  if (style.startsWith("SAME")) {
    if (dilations.some((d) => d > 1)) return undefined;
    attributes.auto_pad = style;
    return { attributes, kernel };
  }
  const half = extents.map((extent) => (extent - 1) >> 1);
  const pads =
    style === "half"
      ? [...half, ...half]
      : [...extents, ...extents].map((extent) => (style === "any" ? random.whole(0, extent - 1) : 0));
  if (pads.some((amount) => amount > 0)) attributes.pads = pads;
  const rank = kernel.length;
  const fits = spatial(x).every(
    (dim, i) => dim + (pads[i] as number) + (pads[i + rank] as number) >= (extents[i] as number),
  );
  return fits ? { attributes, kernel } : undefined;
}

function convolve(drawing: Drawing, x: Value, outC: number, group: number, bias: boolean): Value | undefined {
  const window = windowOf(drawing, x);
  if (window === undefined) return undefined;
  const w = drawing.weight([outC, channelsOf(x) / group, ...window.kernel]);
  const inputs = bias ? [x.name, w, drawing.weight([outC], -0.5, 0.5)] : [x.name, w];
  return drawing.add("Conv", inputs, { ...window.attributes, ...(group > 1 && { group }) })[0];
}

const conv: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(isImage);
  if (x === undefined) return;
  const y = convolve(drawing, x, random.pick(CHANNELS), 1, random.chance(0.5));
  if (y !== undefined && random.chance(0.4)) activate(drawing, y);
};

const depthwise: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => isImage(value) && channelsOf(value) > 1);
  if (x === undefined) return;
  const multiplier = random.pick([1, 1, 1, 2]);
  convolve(drawing, x, channelsOf(x) * multiplier, channelsOf(x), random.chance(0.5));
};

const grouped: Layer = (drawing) => {
  const { random } = drawing;
  const group = random.pick([2, 3, 4]);
  const x = drawing.value((value) => isImage(value) && channelsOf(value) % group === 0);
  if (x !== undefined) convolve(drawing, x, group * random.whole(1, 4), group, random.chance(0.5));
};

/** The weight is computed by the graph. */
const convOfComputedWeight: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(isImage);
  if (x === undefined) return;
  const dims = [random.pick([1, 3, 5]), channelsOf(x), ...spatial(x).map(() => 1)];
  const w = drawing.add("Mul", [
    drawing.weight(dims),
    drawing.add("ReduceMean", [x.name], { keepdims: 0 })[0]?.name as string,
  ])[0];
  if (w !== undefined) drawing.add("Conv", [x.name, w.name]);
};

const convTranspose: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(isImage);
  if (x === undefined) return;
  const group = channelsOf(x) % 2 === 0 && random.chance(0.2) ? 2 : 1;
  const size = random.pick([1, 2, 3, 4]);
  const kernel = spatial(x).map(() => size);
  const strides = kernel.map(() => random.pick([1, 2, 3]));
  const outC = random.pick([1, 2, 3, 8]);
  const inputs = [x.name, drawing.weight([channelsOf(x), outC, ...kernel])];
  if (random.chance(0.5)) inputs.push(drawing.weight([outC * group]));
  const half = kernel.map((k) => (random.chance(0.4) ? (k - 1) >> 1 : 0));
  const extra = strides.map((s) => (random.chance(0.3) ? s - 1 : 0));
  drawing.add("ConvTranspose", inputs, {
    kernel_shape: kernel,
    strides,
    ...(group > 1 && { group }),
    ...(half.some((p) => p > 0) && { pads: [...half, ...half] }),
    ...(extra.some((p) => p > 0) && { output_padding: extra }),
  });
};

const batchNorm: Layer = (drawing) => {
  const x = drawing.value((value) => value.dims.length >= 2);
  if (x === undefined) return;
  const c = [channelsOf(x)];
  const inputs = [
    x.name,
    drawing.weight(c, 0.5, 1.5),
    drawing.weight(c),
    drawing.weight(c),
    drawing.weight(c, 0.5, 2),
  ];
  drawing.add("BatchNormalization", inputs, drawing.random.chance(0.3) ? { epsilon: float(0.01) } : {});
};

function activate(drawing: Drawing, x: Value): Value | undefined {
  const { random } = drawing;
  const plain = [
    "Relu",
    "Relu",
    "Sigmoid",
    "Tanh",
    "HardSwish",
    "Softplus",
    "Softsign",
    "Erf",
    "Neg",
    "Abs",
    "Mish",
    "Gelu",
    "Selu",
    "Identity",
    "Dropout",
    "Cos",
  ];
  const kind = random.pick([
    ...plain,
    "LeakyRelu",
    "Elu",
    "HardSigmoid",
    "Clip",
    "Clip",
    "ThresholdedRelu",
    "Celu",
    "PRelu",
    "Swish",
    "HardGate",
  ]);
  const one = (op: string, inputs: string[], attributes = {}): Value | undefined =>
    drawing.add(op, inputs, attributes)[0];
  switch (kind) {
    case "LeakyRelu":
    case "Elu":
    case "ThresholdedRelu":
    case "Celu":
      return one(kind, [x.name], { alpha: float(random.pick([0.1, 0.3])) });
    case "HardSigmoid":
      return one(kind, [x.name], { alpha: float(0.3), beta: float(0.4) });
    case "Clip": {
      const bound = (value: number): string =>
        drawing.constant({ dtype: "float32", dims: [], data: Float32Array.of(value) });
      return one(
        "Clip",
        random.pick([
          [x.name, bound(0), bound(0.7)],
          [x.name, bound(-0.2)],
          [x.name, "", bound(0.3)],
        ]),
      );
    }
    case "PRelu":
      return one("PRelu", [x.name, drawing.weight(x.dims.slice(1).map((dim, i) => (i === 0 ? dim : 1)))]);
    case "Swish": {
      const gate = one("Sigmoid", [x.name]);
      return gate && one("Mul", random.shuffle([x.name, gate.name]));
    }
    case "HardGate": {
      const gate = one("HardSigmoid", [x.name], { alpha: float(1 / 6), beta: float(0.5) });
      return gate && one("Mul", random.shuffle([x.name, gate.name]));
    }
    default:
      return one(kind, [x.name]);
  }
}

const activation: Layer = (drawing) => {
  const x = drawing.value();
  if (x !== undefined) activate(drawing, x);
};

/** A join of two values of the same dims, which may be the same value. */
const join: Layer = (drawing) => {
  const { random } = drawing;
  const a = drawing.value();
  const b = a && drawing.value((value) => same(a, value));
  if (a === undefined || b === undefined) return;
  const y = drawing.add(random.pick(["Add", "Add", "Add", "Sub", "Mul", "Max", "Min", "Sum", "Mean"]), [
    a.name,
    b.name,
  ])[0];
  if (y !== undefined && random.chance(0.4)) activate(drawing, y);
};

/** y = activation(x + conv(… x …)): one or two convolutions that keep the dims. */
const residual: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(isImage);
  if (x === undefined) return;
  const branch = (): Value | undefined => {
    let y: Value | undefined = x;
    for (let i = random.whole(1, 2); i > 0 && y !== undefined; i--) {
      const pads = spatial(x).map(() => 1);
      const w = drawing.weight([channelsOf(x), channelsOf(x), ...spatial(x).map(() => 3)]);
      y = drawing.add("Conv", [y.name, w], { pads: [...pads, ...pads] })[0];
      if (y !== undefined && random.chance(0.3)) y = activate(drawing, y);
    }
    return y;
  };
  const [a, b] = [branch(), random.chance(0.3) ? branch() : x];
  if (a === undefined || b === undefined) return;
  const sum = drawing.add("Add", random.shuffle([a.name, b.name]))[0];
  if (sum !== undefined && random.chance(0.6)) activate(drawing, sum);
};

const broadcast: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value();
  if (x === undefined) return;
  const channel = x.dims.map((dim, i) => (i === 1 ? dim : 1));
  const dims = random.pick([
    [],
    [1],
    channel,
    channel.slice(1),
    x.dims.slice(-1),
    x.dims.map((dim) => (random.chance(0.5) ? dim : 1)),
    x.dims,
  ]);
  const other = drawing.weight(dims, 0.5, 1.5);
  const op = random.pick(["Add", "Mul", "Sub", "Div"]);
  const inputs = random.chance(0.7) || op === "Div" ? [x.name, other] : [other, x.name];
  const y = drawing.add(op, inputs)[0];
  if (y !== undefined && random.chance(0.3)) activate(drawing, y);
};

/** Two values of the graph that broadcast. */
const broadcastValues: Layer = (drawing) => {
  const { random } = drawing;
  const a = drawing.value();
  const b =
    a &&
    drawing.value((value) =>
      value.dims.every((dim, i) => {
        const other = a.dims[i - value.dims.length + a.dims.length];
        return other === undefined || dim === 1 || other === 1 || dim === other;
      }),
    );
  if (a !== undefined && b !== undefined)
    drawing.add(random.pick(["Add", "Mul", "Sub"]), random.shuffle([a.name, b.name]));
};

const squeezeExcite: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(isImage);
  if (x === undefined) return;
  const pooled = drawing.add("GlobalAveragePool", [x.name])[0];
  if (pooled === undefined) return;
  const ones = spatial(x).map(() => 1);
  const squeezed = drawing.add("Conv", [pooled.name, drawing.weight([2, channelsOf(x), ...ones])])[0];
  const relu = squeezed && drawing.add("Relu", [squeezed.name])[0];
  const wide = relu && drawing.add("Conv", [relu.name, drawing.weight([channelsOf(x), 2, ...ones])])[0];
  const gate = wide && drawing.add(random.pick(["Sigmoid", "HardSigmoid"]), [wide.name])[0];
  if (gate !== undefined) drawing.add("Mul", random.shuffle([x.name, gate.name]));
};

const concat: Layer = (drawing) => {
  const { random } = drawing;
  const a = drawing.value((value) => value.dims.length > 0);
  if (a === undefined) return;
  const axis = a.dims.length > 1 && random.chance(0.7) ? 1 : random.whole(0, a.dims.length - 1);
  const fits = (value: Value): boolean =>
    value.dims.length === a.dims.length && value.dims.every((dim, i) => i === axis || dim === a.dims[i]);
  const others = random.shuffle(drawing.values(fits)).slice(0, random.whole(1, 3));
  const parts = random.shuffle([a.name, ...others.map((other) => other.name)]);
  if (random.chance(0.15)) parts.push(drawing.weight(a.dims.map((dim, i) => (i === axis ? 2 : dim))));
  drawing.add("Concat", parts, { axis: random.chance(0.2) ? axis - a.dims.length : axis });
};

/** Fire: two convolutions of one value, concatenated. */
const fire: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(isImage);
  if (x === undefined) return;
  const pads = [...spatial(x), ...spatial(x)].map(() => 1);
  const a = drawing.add("Conv", [
    x.name,
    drawing.weight([random.pick(CHANNELS), channelsOf(x), ...spatial(x).map(() => 1)]),
  ])[0];
  const b = drawing.add(
    "Conv",
    [x.name, drawing.weight([random.pick(CHANNELS), channelsOf(x), ...spatial(x).map(() => 3)])],
    { pads },
  )[0];
  const parts = [a, b].map((value) => value && (random.chance(0.6) ? activate(drawing, value) : value));
  const named = parts.flatMap((value) => (value === undefined ? [] : [value.name]));
  if (named.length < 2) return;
  drawing.add("Concat", random.chance(0.3) ? [...named, x.name] : named, { axis: 1 });
};

const split: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.some((dim) => dim > 1));
  if (x === undefined) return;
  const axes = x.dims.flatMap((dim, i) => (dim > 1 ? [i] : []));
  const axis = axes.includes(1) && random.chance(0.7) ? 1 : random.pick(axes);
  const size = x.dims[axis] as number;
  const first = random.whole(1, size - 1);
  const sizes = size - first > 1 && random.chance(0.4) ? [first, 1, size - first - 1] : [first, size - first];
  const outputs = drawing.add("Split", [x.name, drawing.longs(sizes)], { axis }, sizes.length);
  if (outputs.length < 2 || random.chance(0.4)) return;
  const parts = outputs.map((value) => (random.chance(0.5) ? (activate(drawing, value) ?? value) : value));
  drawing.add("Concat", random.shuffle(parts.map((value) => value.name)), { axis });
};

const slice: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.some((dim) => dim > 1));
  if (x === undefined) return;
  const axis = random.pick(x.dims.flatMap((dim, i) => (dim > 1 ? [i] : [])));
  const size = x.dims[axis] as number;
  const start = random.whole(0, size - 1);
  const end = random.pick([random.whole(start + 1, size), 2 ** 31 - 1]);
  const step = random.pick([1, 1, 1, 2]);
  const at = random.chance(0.3) ? axis - x.dims.length : axis;
  const backwards = random.chance(0.15);
  const bounds = backwards
    ? [size - 1, -(2 ** 31), -1]
    : [random.chance(0.3) ? start - size : start, end, step];
  drawing.add("Slice", [
    x.name,
    ...([bounds[0], bounds[1], at, bounds[2]] as number[]).map((value) => drawing.longs([value])),
  ]);
};

const pool: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(isImage);
  const window = x && windowOf(drawing, x, { dilate: false });
  if (x === undefined || window === undefined) return;
  const { kernel, attributes } = window;
  const op = random.pick(["MaxPool", "AveragePool", "AveragePool", "LpPool"]);
  // onnxruntime's shape inference and its kernels disagree about ceil_mode where windows leave gaps.
  const gaps = kernel.some((size, i) => size < ((attributes.strides as number[])[i] as number));
  const ceil = random.chance(0.3) && op !== "LpPool" && !gaps && attributes.auto_pad === undefined;
  if (gaps && attributes.auto_pad !== undefined) return;
  drawing.add(op, [x.name], {
    ...attributes,
    ...(ceil && { ceil_mode: 1 }),
    ...(op === "AveragePool" && random.chance(0.4) && { count_include_pad: 1 }),
  });
};

const globalPool: Layer = (drawing) => {
  const x = drawing.value(isImage);
  if (x !== undefined)
    drawing.add(drawing.random.pick(["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"]), [x.name]);
};

const resize: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(({ dims }) => dims.length === 4);
  if (x === undefined) return;
  const mode = random.pick(["nearest", "nearest", "linear", "cubic"]);
  const transform = random.pick(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]);
  const nearest =
    mode === "nearest" ? { nearest_mode: random.pick(["floor", "round_prefer_floor", "ceil"]) } : {};
  const attributes = { mode, coordinate_transformation_mode: transform, ...nearest };
  if (random.chance(0.6)) {
    const scales = Float32Array.of(1, 1, random.pick([1, 2, 3, 0.5]), random.pick([1, 2, 2, 0.5]));
    if ([2, 3].some((axis) => Math.floor((x.dims[axis] as number) * (scales[axis] as number)) === 0)) return;
    drawing.add(
      "Resize",
      [x.name, "", drawing.constant({ dtype: "float32", dims: [4], data: scales })],
      attributes,
    );
  } else {
    const sizes = [...x.dims.slice(0, 2), random.whole(1, 12), random.whole(1, 12)];
    drawing.add("Resize", [x.name, "", "", drawing.longs(sizes)], attributes);
  }
};

const pad: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.length > 1);
  if (x === undefined) return;
  const mode = random.pick(["constant", "constant", "constant", "reflect", "edge"]);
  const amounts = [...x.dims, ...x.dims].map((dim, i) => {
    const image = i % x.dims.length >= 2;
    if (!(image ? random.chance(0.7) : random.chance(0.1))) return 0;
    return random.whole(0, mode === "reflect" ? Math.min(2, dim - 1) : 2);
  });
  const value = mode === "constant" && random.chance(0.3) ? [drawing.weight([], 0.5, 1)] : [];
  const y = drawing.add("Pad", [x.name, drawing.longs(amounts), ...value], { mode })[0];
  if (y !== undefined && isImage(y) && random.chance(0.5))
    convolve(drawing, y, random.pick(CHANNELS), 1, true);
};

const transpose: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.length > 1);
  if (x === undefined) return;
  const rank = x.dims.length;
  const usual: Record<number, number[][]> = {
    2: [[1, 0]],
    3: [[0, 2, 1]],
    4: [
      [0, 2, 3, 1],
      [0, 3, 1, 2],
    ],
  };
  const perm =
    usual[rank] && random.chance(0.75)
      ? random.pick(usual[rank] as number[][])
      : random.shuffle(x.dims.map((_, i) => i));
  drawing.add("Transpose", [x.name], { perm });
};

/** To channels-last, something there, and back. */
const channelsLastIsland: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(({ dims }) => dims.length === 4);
  const there = x && drawing.add("Transpose", [x.name], { perm: [0, 2, 3, 1] })[0];
  if (there === undefined) return;
  const c = there.dims[3] as number;
  const middle = random.pick([
    () => activate(drawing, there),
    () => drawing.add("MatMul", [there.name, drawing.weight([c, random.pick(CHANNELS)])])[0],
    () => drawing.add("Add", [there.name, drawing.weight([c])])[0],
    () => drawing.add("Softmax", [there.name], { axis: 3 })[0],
    () =>
      drawing.add("LayerNormalization", [there.name, drawing.weight([c]), drawing.weight([c])], {
        axis: -1,
      })[0],
    () => drawing.add("ReduceMean", [there.name, drawing.longs([1, 2])], { keepdims: 1 })[0],
  ])();
  if (middle !== undefined && random.chance(0.8))
    drawing.add("Transpose", [middle.name], { perm: [0, 3, 1, 2] });
};

/** ShuffleNet's channel shuffle: two reshapes around a transpose. */
const shuffle: Layer = (drawing) => {
  const { random } = drawing;
  const group = random.pick([2, 3]);
  const x = drawing.value((value) => isImage(value) && channelsOf(value) % group === 0);
  if (x === undefined) return;
  const [n, c, ...image] = x.dims as [number, number, ...number[]];
  const apart = drawing.add("Reshape", [x.name, drawing.longs([n, group, c / group, ...image])])[0];
  const turned =
    apart && drawing.add("Transpose", [apart.name], { perm: [0, 2, 1, ...image.map((_, i) => i + 3)] })[0];
  if (turned !== undefined) drawing.add("Reshape", [turned.name, drawing.longs([0, -1, ...image])]);
};

const reshape: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.length > 1);
  if (x === undefined) return;
  const { dims } = x;
  const [n, c, ...image] = dims as [number, number, ...number[]];
  random.pick([
    () => drawing.add("Flatten", [x.name], { axis: random.whole(0, dims.length) }),
    () => drawing.add("Reshape", [x.name, drawing.longs([0, -1])]),
    () => drawing.add("Reshape", [x.name, drawing.longs([n, c, -1])]),
    () => drawing.add("Reshape", [x.name, drawing.longs([n, ...image, c])]),
    () => drawing.add("Reshape", [x.name, drawing.longs([n, c, 1, -1])]),
    () =>
      dims.length < 5 && drawing.add("Unsqueeze", [x.name, drawing.longs([random.whole(0, dims.length)])]),
    () => drawing.add("Squeeze", [x.name]),
  ])();
};

/** Reshape to dims that the graph computes from another value's. */
const reshapeByShape: Layer = (drawing) => {
  const x = drawing.value((value) => value.dims.length > 1);
  if (x === undefined) return;
  const [shape] = drawing.emit("Shape", [x.name]);
  const [first] = drawing.emit("Gather", [shape as string, drawing.longs([0])]);
  const [target] = drawing.emit("Concat", [first as string, drawing.longs([-1])], { axis: 0 });
  const flat = drawing.add("Reshape", [x.name, target as string])[0];
  if (flat === undefined) return;
  const y = drawing.random.chance(0.5) ? (activate(drawing, flat) ?? flat) : flat;
  drawing.add("Reshape", [y.name, shape as string]);
};

/** A sum over elements that are picked by their values: a shape that depends on data. */
const picked: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.length > 0);
  if (x === undefined) return;
  const [mask] = drawing.emit("Greater", [x.name, drawing.weight([], -0.1, 0.1)]);
  const [at] = drawing.emit("NonZero", [mask as string]);
  const [rows] = drawing.emit("Transpose", [at as string], { perm: [1, 0] });
  const [some] = drawing.emit("GatherND", [x.name, rows as string]);
  const sum = drawing.add("ReduceSum", [some as string], { keepdims: 0 })[0];
  const small = sum && drawing.add("Tanh", [sum.name])[0];
  if (small !== undefined && random.chance(0.8)) drawing.add("Add", random.shuffle([x.name, small.name]));
};

/** An If on data: a convolution in one branch, an activation in the other. */
const branches: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(isImage);
  if (x === undefined) return;
  const c = channelsOf(x);
  const w = drawing.weight([c, c, ...spatial(x).map(() => 1)]);
  const id = random.whole(0, 1e9);
  const [mean] = drawing.emit("ReduceMean", [x.name], { keepdims: 0 });
  const [condition] = drawing.emit("Greater", [mean as string, drawing.weight([], -0.05, 0.05)]);
  const [a, b, d] = [`a${id}`, `b${id}`, `d${id}`];
  drawing.add("If", [condition as string], {
    then_branch: { nodes: [node("Conv", [x.name, w], [a]), node("Relu", [a], [b])], outputs: [b] },
    else_branch: { nodes: [node("Neg", [x.name], [d])], outputs: [d] },
  });
};

const dense: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(({ dims }) => dims.length === 2);
  const [m, k] = x?.dims ?? [];
  if (x === undefined || m === undefined || k === undefined) return;
  const n = random.pick([1, 3, 8, 10]);
  const transB = random.chance(0.5);
  const w = drawing.weight(transB ? [n, k] : [k, n]);
  const bias = random.pick([[], [n], [1, n], [m, n], [m, 1], [1]]);
  const inputs = random.chance(0.7) ? [x.name, w, drawing.weight(bias)] : [x.name, w];
  const scale = random.chance(0.2) ? { alpha: float(0.5), beta: float(2) } : {};
  const y = drawing.add("Gemm", inputs, { ...(transB && { transB: 1 }), ...scale })[0];
  if (y !== undefined && random.chance(0.4)) activate(drawing, y);
};

const matmul: Layer = (drawing) => {
  const { random } = drawing;
  const a = drawing.value((value) => value.dims.length >= 2);
  if (a === undefined) return;
  const k = a.dims.at(-1) as number;
  const b = drawing.value(
    ({ dims }) =>
      dims.length === a.dims.length &&
      dims.at(-2) === k &&
      dims.slice(0, -2).join() === a.dims.slice(0, -2).join(),
  );
  const other =
    b !== undefined && random.chance(0.5) ? b.name : drawing.weight([k, random.pick([1, 2, 5, 9])]);
  const y = drawing.add("MatMul", [a.name, other])[0];
  if (y !== undefined && random.chance(0.6))
    drawing.add("Add", random.shuffle([y.name, drawing.weight([y.dims.at(-1) as number])]));
};

/** Rows against rows: A·Aᵀ, softmax, times A. */
const attention: Layer = (drawing) => {
  const x = drawing.value(({ dims }) => dims.length === 3);
  const turned = x && drawing.add("Transpose", [x.name], { perm: [0, 2, 1] })[0];
  const scores = x && turned && drawing.add("MatMul", [x.name, turned.name])[0];
  const weights = scores && drawing.add("Softmax", [scores.name], { axis: -1 })[0];
  if (x !== undefined && weights !== undefined) drawing.add("MatMul", [weights.name, x.name]);
};

const normalize: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => isImage(value) && value.dims.slice(2).reduce((a, b) => a * b, 1) > 3);
  if (x === undefined) return;
  const c = channelsOf(x);
  random.pick([
    () => drawing.add("InstanceNormalization", [x.name, drawing.weight([c], 0.5, 1.5), drawing.weight([c])]),
    () => drawing.add("LayerNormalization", [x.name, drawing.weight(x.dims.slice(1))], { axis: 1 }),
    () =>
      x.dims.length === 4 &&
      drawing.add("LRN", [x.name], { size: random.pick([1, 3, 5]), alpha: float(0.1), bias: float(1.5) }),
    () => drawing.add("LpNormalization", [x.name], { axis: random.pick([1, -1]), p: random.pick([1, 2]) }),
    () => drawing.add("Softmax", [x.name], { axis: random.whole(-1, x.dims.length - 1) }),
    () => drawing.add("LogSoftmax", [x.name], { axis: 1 }),
    () =>
      drawing.add("GroupNormalization", [x.name, drawing.weight([c], 0.5, 1.5), drawing.weight([c])], {
        num_groups: c % 2 === 0 ? 2 : c,
      }),
  ])();
};

const blocks: Layer = (drawing) => {
  const { random } = drawing;
  const [deep, wide] = [
    drawing.value(({ dims }) => dims.length === 4 && (dims[1] as number) % 4 === 0),
    drawing.value(
      ({ dims }) => dims.length === 4 && (dims[2] as number) % 2 === 0 && (dims[3] as number) % 2 === 0,
    ),
  ];
  if (deep !== undefined && random.chance(0.5))
    drawing.add("DepthToSpace", [deep.name], { blocksize: 2, mode: random.pick(["DCR", "CRD"]) });
  else if (wide !== undefined) drawing.add("SpaceToDepth", [wide.name], { blocksize: 2 });
};

const reduce: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.length > 1);
  if (x === undefined) return;
  const axes = random.pick([
    [1],
    [-1],
    x.dims.slice(2).map((_, i) => i + 2),
    [0, -1],
    x.dims.map((_, i) => i),
  ]);
  if (axes.length === 0) return;
  const op = random.pick([
    "ReduceMean",
    "ReduceMean",
    "ReduceSum",
    "ReduceMax",
    "ReduceMin",
    "ReduceL2",
    "ReduceLogSumExp",
  ]);
  drawing.add(op, [x.name, drawing.longs(axes)], { keepdims: random.whole(0, 1) });
};

const move: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.length > 1);
  if (x === undefined) return;
  const axis = random.whole(0, x.dims.length - 1);
  const size = x.dims[axis] as number;
  random.pick([
    () =>
      drawing.add(
        "Gather",
        [x.name, drawing.longs([random.whole(-size, size - 1), random.whole(0, size - 1)])],
        { axis },
      ),
    () => drawing.add("Tile", [x.name, drawing.longs(x.dims.map(() => random.pick([1, 1, 2])))]),
    () =>
      drawing.add("Expand", [
        x.name,
        drawing.longs(x.dims.map((dim) => (dim === 1 ? random.pick([1, 3]) : dim))),
      ]),
    () => drawing.add("ArgMax", [x.name], { axis, keepdims: random.whole(0, 1) }),
  ])();
};

/** Integers and booleans between float32 values: quantised to whole steps, masked, moved about. */
const otherTypes: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value((value) => value.dims.length > 0);
  if (x === undefined) return;
  const axis = random.whole(0, x.dims.length - 1);
  const [mask] = drawing.emit("Less", [x.name, drawing.weight([], -0.3, 0.3)]);
  const [other] = drawing.emit("Not", [mask as string]);
  random.pick([
    () => drawing.add("Where", [mask as string, x.name, drawing.weight([], -1, 1)]),
    () =>
      drawing.add("Where", [
        drawing.constant(random.tensor("bool", x.dims)),
        drawing.weight([], -1, 1),
        x.name,
      ]),
    () => {
      const [both] = drawing.emit("Concat", [mask as string, other as string], { axis });
      drawing.add("Cast", [both as string], { to: 1 });
    },
    () => {
      const [steps] = drawing.emit("Cast", [other as string], { to: random.pick([3, 6, 7]) });
      const [sum] = drawing.emit("Add", [steps as string, steps as string]);
      drawing.add("Cast", [sum as string], { to: 1 });
    },
  ])();
};

const recurrent: Layer = (drawing) => {
  const { random } = drawing;
  const x = drawing.value(({ dims }) => dims.length === 3);
  if (x === undefined) return;
  const [op, gates] = random.pick([
    ["LSTM", 4],
    ["GRU", 3],
    ["RNN", 1],
  ] as const);
  const hidden = random.pick([1, 3, 5]);
  const direction = random.pick(["forward", "reverse", "bidirectional"]);
  const ways = direction === "bidirectional" ? 2 : 1;
  const inputs = [
    x.name,
    drawing.weight([ways, gates * hidden, x.dims[2] as number]),
    drawing.weight([ways, gates * hidden, hidden]),
  ];
  if (random.chance(0.6)) inputs.push(drawing.weight([ways, 2 * gates * hidden]));
  drawing.add(op, inputs, { hidden_size: hidden, direction }, random.whole(1, 2));
};

/** The kinds, as often as they stand here. */
export const LAYERS: readonly Layer[] = [
  ...Array<Layer>(6).fill(conv),
  ...Array<Layer>(3).fill(depthwise),
  grouped,
  convOfComputedWeight,
  convTranspose,
  ...Array<Layer>(2).fill(batchNorm),
  ...Array<Layer>(4).fill(activation),
  ...Array<Layer>(4).fill(join),
  ...Array<Layer>(4).fill(residual),
  ...Array<Layer>(3).fill(broadcast),
  broadcastValues,
  squeezeExcite,
  ...Array<Layer>(6).fill(concat),
  ...Array<Layer>(2).fill(fire),
  ...Array<Layer>(5).fill(split),
  ...Array<Layer>(3).fill(slice),
  ...Array<Layer>(3).fill(pool),
  globalPool,
  ...Array<Layer>(2).fill(resize),
  ...Array<Layer>(2).fill(pad),
  ...Array<Layer>(4).fill(transpose),
  channelsLastIsland,
  shuffle,
  ...Array<Layer>(3).fill(reshape),
  ...Array<Layer>(2).fill(reshapeByShape),
  picked,
  branches,
  ...Array<Layer>(2).fill(dense),
  matmul,
  attention,
  ...Array<Layer>(2).fill(normalize),
  blocks,
  reduce,
  move,
  otherTypes,
  recurrent,
];
