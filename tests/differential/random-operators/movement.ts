import { dtypeInfo } from "../../../src/dtype.ts";
import { float } from "../../support/onnx-model.ts";
import { longs, numbers, scalar } from "../operators/case.ts";
import {
  ANY,
  any,
  axesOf,
  axisOf,
  broadcastable,
  caseOf,
  count,
  type Draw,
  type Draws,
  dims,
  FLOATS,
  filled,
  mostly,
  opset,
  perhaps,
  upward,
} from "./draw.ts";

const reshape: Draw = (random) => {
  const of = dims(random, 0, 4);
  const version = opset(random, "Reshape");
  // The same elements under dims that a shuffle and a join of neighbours give.
  const to = random.shuffle(of);
  while (to.length > 1 && random.chance(0.4)) to.splice(0, 2, (to[0] as number) * (to[1] as number));
  if (random.chance(0.4)) to.splice(random.whole(0, to.length), 0, 1);
  const allowzero = version >= 14 ? perhaps(random, [0, 1], 0.4) : undefined;
  const shape = [...to];
  const free = random.whole(0, Math.max(0, shape.length - 1));
  if (shape.length > 0 && random.chance(0.5) && count(to) > 0) shape[free] = -1;
  for (const [i, dim] of shape.entries())
    if (allowzero !== 1 && dim > 0 && dim === of[i] && random.chance(0.5)) shape[i] = 0;
  const asked = shape.length === 0 ? numbers("int64", [0], []) : longs(...shape);
  return caseOf("Reshape", [any(random, of), asked], { allowzero }, { opset: version });
};

const flatten: Draw = (random) => {
  const of = dims(random, 0, 5);
  const version = opset(random, "Flatten");
  const axis = random.whole(version < 11 ? 0 : -of.length, of.length);
  return caseOf("Flatten", [any(random, of)], { axis: perhaps(random, [axis], 0.8) }, { opset: version });
};

const squeeze: Draw = (random) => {
  const version = opset(random, "Squeeze");
  const of = dims(random, 0, 4).map((dim) => (random.chance(0.5) ? 1 : dim));
  const ones = of.flatMap((dim, i) => (dim === 1 && random.chance(0.7) ? [i] : []));
  const axes = random
    .shuffle(ones)
    .map((axis) => (version >= 11 && random.chance(0.4) ? axis - of.length : axis));
  const use = axes.length > 0 && random.chance(0.8);
  if (version < 13)
    return caseOf("Squeeze", [any(random, of)], { axes: use ? axes : undefined }, { opset: version });
  return caseOf("Squeeze", [any(random, of), use ? longs(...axes) : undefined], {}, { opset: version });
};

const unsqueeze: Draw = (random) => {
  const version = opset(random, "Unsqueeze");
  const of = dims(random, 0, 3);
  const rank = of.length + random.whole(1, 3);
  const axes = random.shuffle(Array.from({ length: rank }, (_, i) => i)).slice(0, rank - of.length);
  const signed = axes.map((axis) => (version >= 11 && random.chance(0.4) ? axis - rank : axis));
  if (version < 13) return caseOf("Unsqueeze", [any(random, of)], { axes: signed }, { opset: version });
  return caseOf("Unsqueeze", [any(random, of), longs(...signed)], {}, { opset: version });
};

const shape: Draw = (random) => {
  const version = opset(random, "Shape");
  const end = () => (version >= 15 ? perhaps(random, [random.whole(-6, 6)]) : undefined);
  return caseOf("Shape", [any(random, dims(random, 0, 5))], { start: end(), end: end() }, { opset: version });
};

const size: Draw = (random) =>
  caseOf("Size", [any(random, dims(random, 0, 5))], {}, { opset: opset(random, "Size") });

const identity: Draw = (random) =>
  caseOf("Identity", [any(random, dims(random, 0, 5))], {}, { opset: opset(random, "Identity") });

const expand: Draw = (random) => {
  const to = dims(random, 0, 4);
  const from = broadcastable(random, to);
  const asked = to.map((dim, i) => {
    const own = from[i - (to.length - from.length)];
    return own === dim && random.chance(0.3) ? 1 : dim;
  });
  const drop = random.chance(0.2) ? asked.slice(to.length - from.length) : asked;
  const wanted = drop.length === 0 ? numbers("int64", [0], []) : longs(...drop);
  return caseOf("Expand", [any(random, from), wanted], {}, { opset: opset(random, "Expand") });
};

const tile: Draw = (random) => {
  const of = filled(random, 1, 4);
  const repeats = of.map(() => (random.chance(0.05) ? 0 : random.whole(1, 3)));
  return caseOf("Tile", [any(random, of), longs(...repeats)], {}, { opset: opset(random, "Tile") });
};

const transpose: Draw = (random) => {
  const of = dims(random, 0, 6);
  const perm = random.shuffle(of.map((_, i) => i));
  const given = of.length > 0 ? perhaps(random, [perm], 0.8) : undefined;
  return caseOf("Transpose", [any(random, of)], { perm: given }, { opset: opset(random, "Transpose") });
};

const concat: Draw = (random) => {
  const version = opset(random, "Concat");
  const of = dims(random, 1, 4);
  const axis = axisOf(random, of.length);
  const at = upward(axis, of.length);
  const dtype = mostly(random, ANY, 0.4);
  const parts = Array.from({ length: random.whole(1, 4) }, () =>
    random.tensor(
      dtype,
      of.map((dim, i) => (i === at ? random.whole(random.chance(0.1) ? 0 : 1, 5) : dim)),
      0,
      9,
    ),
  );
  return caseOf("Concat", parts, { axis: version < 11 ? at : axis }, { opset: version });
};

const split: Draw = (random) => {
  const version = opset(random, "Split");
  const of = filled(random, 1, 4);
  const axis = axisOf(random, of.length);
  const at = upward(axis, of.length);
  const ways = random.whole(1, 4);
  const dtype = mostly(
    random,
    ["float64", "int32", "int64", "uint8", "int8", "bool", "string", "float16"],
    0.4,
  );
  const given = { axis: version < 11 ? at : axis };
  const style = random.pick(["equal", "sizes", "count"]);
  const setting = { opset: version, outputs: ways };
  if (style === "count" && version >= 18) {
    of[at] = random.whole(ways, 3 * ways);
    return caseOf("Split", [random.tensor(dtype, of, 0, 9)], { ...given, num_outputs: ways }, setting);
  }
  if (style === "sizes") {
    const sizes = Array.from({ length: ways }, () => random.whole(random.chance(0.2) ? 0 : 1, 4));
    of[at] = sizes.reduce((a, b) => a + b, 0);
    const x = random.tensor(dtype, of, 0, 9);
    if (version < 13) return caseOf("Split", [x], { ...given, split: sizes }, setting);
    return caseOf("Split", [x, longs(...sizes)], given, setting);
  }
  of[at] = ways * random.whole(1, 4);
  const num_outputs = version >= 18 ? ways : undefined;
  return caseOf("Split", [random.tensor(dtype, of, 0, 9)], { ...given, num_outputs }, setting);
};

const FAR = [2 ** 31 - 1, -(2 ** 31)];
const slice: Draw = (random) => {
  const version = opset(random, "Slice");
  const of = dims(random, 1, 4);
  const all = axesOf(random, of.length, 1);
  const given = random.chance(0.8);
  const axes = given ? all : all.map((_, i) => i);
  const end = (axis: number): number =>
    random.chance(0.1)
      ? random.pick(FAR)
      : random.whole(-(of.at(axis) as number) - 2, (of.at(axis) as number) + 2);
  const [starts, ends] = [axes.map(end), axes.map(end)];
  const x = any(random, of);
  if (version < 10) {
    const plain = axes.map((axis) => upward(axis, of.length));
    return caseOf("Slice", [x], { starts, ends, axes: given ? plain : undefined }, { opset: version });
  }
  const at = random.pick(["int32", "int64"] as const);
  const list = (values: number[]) => numbers(at, [values.length], values);
  const steps = axes.map(() => (random.chance(0.5) ? 1 : random.pick([-3, -2, -1, 2, 3])));
  const stepped = random.chance(0.6);
  return caseOf(
    "Slice",
    [
      x,
      list(starts),
      list(ends),
      given || stepped ? list(axes) : undefined,
      stepped ? list(steps) : undefined,
    ],
    {},
    { opset: version },
  );
};

const pad: Draw = (random) => {
  const version = opset(random, "Pad");
  const mode = perhaps(random, ["constant", "reflect", "edge", ...(version >= 19 ? ["wrap"] : [])], 0.8);
  const of = filled(random, 1, 4);
  const some = version >= 18 && random.chance(0.4) ? axesOf(random, of.length, 1) : undefined;
  const axes = some ?? of.map((_, i) => i);
  // A reflection or a wrap is no longer than what it repeats.
  const most = (axis: number): number => {
    const dim = of.at(axis) as number;
    return mode === "reflect" ? dim - 1 : mode === "wrap" ? dim : 3;
  };
  const amount = (axis: number): number =>
    random.chance(0.4)
      ? 0
      : random.whole((of.at(axis) as number) > 2 && random.chance(0.3) ? -1 : 0, Math.min(most(axis), 3));
  const amounts = [...axes.map(amount), ...axes.map(amount)];
  if (version < 11) {
    const x = random.tensor(mostly(random, ["float64"], 0.7), of, -9, 9);
    const value = perhaps(random, [float(1.5)], 0.5);
    return caseOf("Pad", [x], { pads: amounts, mode, value }, { opset: version });
  }
  const dtype = mostly(
    random,
    ["float64", "int32", "int64", "uint32", "uint64", "uint8", "int8", "bool", "float16"],
    0.5,
  );
  const at = random.pick(["int32", "int64"] as const);
  const value = dtype === "float16" ? numbers(dtype, [], [0x3c00]) : scalar(1, dtype);
  return caseOf(
    "Pad",
    [
      random.tensor(dtype, of, 0, 9),
      longs(...amounts),
      random.chance(0.5) ? value : undefined,
      some && numbers(at, [some.length], some),
    ],
    { mode },
    { opset: version },
  );
};

const depthToSpace: Draw = (random) => {
  const version = opset(random, "DepthToSpace");
  const block = random.whole(1, 3);
  const of = [random.whole(1, 2), block * block * random.whole(1, 4), random.whole(1, 4), random.whole(1, 5)];
  return caseOf(
    "DepthToSpace",
    [random.tensor(mostly(random, ["float64", "uint8"], 0.8), of, 0, 9)],
    { blocksize: block, mode: version >= 11 ? perhaps(random, ["DCR", "CRD"]) : undefined },
    { opset: version },
  );
};

const spaceToDepth: Draw = (random) => {
  const block = random.whole(1, 3);
  const of = [random.whole(1, 2), random.whole(1, 4), block * random.whole(1, 4), block * random.whole(1, 4)];
  const x = random.tensor(mostly(random, ["float64"], 0.8), of);
  return caseOf("SpaceToDepth", [x], { blocksize: block }, { opset: opset(random, "SpaceToDepth") });
};

const trilu: Draw = (random) => {
  const dtype = mostly(random, ["float64", "int64", "bool"], 0.5);
  const x = random.tensor(dtype, dims(random, 2, 4), -9, 9);
  const k = random.chance(0.7) ? scalar(random.whole(-6, 6), "int64") : undefined;
  return caseOf("Trilu", [x, k], { upper: perhaps(random, [0, 1]) }, { opset: opset(random, "Trilu") });
};

const eyeLike: Draw = (random) => {
  const x = random.tensor(
    mostly(random, ["float64", "int32", "int64", "uint64"], 0.4),
    filled(random, 2, 2),
    0,
    3,
  );
  const to = perhaps(
    random,
    (["float32", "float64", "int32", "int64", "uint64"] as const).map((one) => dtypeInfo[one].onnx),
  );
  return caseOf(
    "EyeLike",
    [x],
    { k: perhaps(random, [random.whole(-6, 6)]), dtype: to },
    { opset: opset(random, "EyeLike") },
  );
};

const range: Draw = (random) => {
  const dtype = mostly(random, ["int64", "int32", "float64", "int16"], 0.3);
  const whole = !FLOATS.includes(dtype);
  const at = (): number => (whole ? random.whole(-9, 9) : random.whole(-72, 72) / 8);
  const step = (random.chance(0.5) ? 1 : -1) * (whole ? random.whole(1, 4) : random.whole(1, 24) / 8);
  const inputs = [at(), at(), step].map((value) => scalar(value, dtype));
  return caseOf("Range", inputs, {}, { opset: opset(random, "Range") });
};

const constantOfShape: Draw = (random) => {
  const of = dims(random, 0, 4);
  const dtype = random.pick([
    "float32",
    "float64",
    "float16",
    "int8",
    "uint8",
    "int32",
    "int64",
    "bool",
    "uint32",
  ] as const);
  const value = random.chance(0.8) ? random.tensor(dtype, [1], 0, 9) : undefined;
  const asked = of.length === 0 ? numbers("int64", [0], []) : longs(...of);
  return caseOf("ConstantOfShape", [asked], { value }, { opset: opset(random, "ConstantOfShape") });
};

const reverseSequence: Draw = (random) => {
  const of = filled(random, 2, 4);
  const batch = random.whole(0, 1);
  const [b, t] = [of[batch] as number, of[1 - batch] as number];
  const lens = numbers(
    "int64",
    [b],
    Array.from({ length: b }, () => random.whole(0, t)),
  );
  const given = { batch_axis: batch, time_axis: 1 - batch };
  return caseOf("ReverseSequence", [any(random, of), lens], given, {
    opset: opset(random, "ReverseSequence"),
  });
};

const centerCropPad: Draw = (random) => {
  const of = filled(random, 1, 4);
  const some = random.chance(0.5) ? axesOf(random, of.length, 1) : undefined;
  const to = (some ?? of).map(() => random.whole(1, 7));
  const x = random.tensor(mostly(random, ["float64", "int32", "int64", "uint8"], 0.6), of, 0, 9);
  return caseOf(
    "CenterCropPad",
    [x, longs(...to)],
    { axes: some },
    { opset: opset(random, "CenterCropPad") },
  );
};

export const draws: Draws = {
  CenterCropPad: centerCropPad,
  Concat: concat,
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Expand: expand,
  EyeLike: eyeLike,
  Flatten: flatten,
  Identity: identity,
  Pad: pad,
  Range: range,
  Reshape: reshape,
  ReverseSequence: reverseSequence,
  Shape: shape,
  Size: size,
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: unsqueeze,
};
