import type { TensorData } from "../../../src/tensor.ts";
import { float } from "../../support/onnx-model.ts";
import type { Random } from "../../support/random.ts";
import { numbers } from "../operators/case.ts";
import { caseOf, type Draw, type Draws, filled, mostly, opset, perhaps, sprinkled, summed } from "./draw.ts";

/** Where a kernel goes in an image: all that convolutions and pools share. */
interface Window {
  readonly kernel: number[];
  readonly strides: number[];
  readonly dilations: number[];
  /** Of every axis its begin, then of every axis its end; empty beside `autoPad`. */
  readonly pads: number[];
  readonly autoPad: string | undefined;
  readonly image: number[];
}

interface Limits {
  readonly dilated: boolean;
  /** Pads stay shorter than the kernel. */
  readonly shortPads?: boolean;
  readonly rank?: number;
  readonly same?: boolean;
}

function windowOf(
  random: Random,
  { dilated, shortPads = false, rank = spatialRank(random), same = true }: Limits,
): Window {
  const each = (draw: (axis: number) => number): number[] =>
    Array.from({ length: rank }, (_, axis) => draw(axis));
  const alike = random.chance(0.5);
  const equal = (values: number[]): number[] => (alike ? values.map(() => values[0] as number) : values);
  const kernel = equal(each(() => (random.chance(0.1) ? random.whole(4, 7) : random.whole(1, 3))));
  const strides = equal(each(() => random.pick([1, 1, 1, 2, 2, 3])));
  const dilations = dilated ? equal(each(() => random.pick([1, 1, 1, 2, 3]))) : each(() => 1);
  const autoPad = random.chance(0.25)
    ? random.pick(same ? ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"] : ["NOTSET", "VALID"])
    : undefined;
  const free = autoPad === undefined || autoPad === "NOTSET";
  const most = (axis: number): number => (shortPads ? (kernel[axis] as number) - 1 : 3);
  const pad = (axis: number): number => (random.chance(0.4) ? 0 : random.whole(0, Math.min(3, most(axis))));
  const pads = free && random.chance(0.7) ? [...each(pad), ...each(pad)] : [];
  const image = each((axis) => {
    const reach = ((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1;
    return random.chance(0.15) ? reach + random.whole(8, 30) : reach + random.whole(0, rank === 3 ? 4 : 7);
  });
  return { kernel, strides, dilations, pads, autoPad, image };
}

const spatialRank = (random: Random): number => random.pick([1, 2, 2, 2, 3]);

/** The attributes; those that equal their defaults are at times left out. */
function attributesOf(random: Random, { strides, dilations, pads, autoPad }: Window) {
  const some = (values: number[]) =>
    values.every((value) => value === 1) && random.chance(0.5) ? undefined : values;
  return {
    strides: some(strides),
    dilations: dilations.every((value) => value === 1) ? undefined : dilations,
    pads: pads.length > 0 ? pads : undefined,
    auto_pad: autoPad,
  };
}

const channelsOf = (random: Random): number =>
  random.chance(0.15) ? random.pick([8, 16, 17, 33]) : random.whole(1, 5);

const conv: Draw = (random) => {
  const window = windowOf(random, { dilated: true });
  const group = random.pick([1, 1, 1, 2, 3, 4, 8]);
  const depthwise = group > 1 && random.chance(0.5);
  const [inner, outer] = depthwise ? [1, random.whole(1, 2)] : [channelsOf(random), channelsOf(random)];
  const x = random.tensor("float32", [random.whole(1, 2), group * inner, ...window.image]);
  const w = random.tensor("float32", [group * outer, inner, ...window.kernel]);
  const bias = random.chance(0.5) ? random.tensor("float32", [group * outer]) : undefined;
  return caseOf(
    "Conv",
    [x, w, bias],
    {
      ...attributesOf(random, window),
      group: group > 1 || random.chance(0.3) ? group : undefined,
      kernel_shape: perhaps(random, [window.kernel]),
    },
    { opset: opset(random, "Conv") },
  );
};

const convTranspose: Draw = (random) => {
  const version = opset(random, "ConvTranspose");
  const window = windowOf(random, { dilated: true, shortPads: true });
  const rank = window.kernel.length;
  const group = random.pick([1, 1, 1, 2, 3]);
  const [inner, outer] = [random.whole(1, 5), channelsOf(random)];
  const image = window.image.map((dim) => Math.min(dim, 9));
  const x = random.tensor("float32", [random.whole(1, 2), group * inner, ...image]);
  const w = random.tensor("float32", [group * inner, outer, ...window.kernel]);
  const bias = random.chance(0.5) ? random.tensor("float32", [group * outer]) : undefined;
  const more = window.strides.map((stride, i) =>
    random.whole(0, Math.max(stride, window.dilations[i] as number) - 1),
  );
  const padded = random.chance(0.3);
  const natural = image.map(
    (dim, i) =>
      (window.strides[i] as number) * (dim - 1) +
      ((window.kernel[i] as number) - 1) * (window.dilations[i] as number) +
      1,
  );
  // An output no larger than what the kernel reaches; pads follow from it.
  const asked = window.pads.length === 0 && random.chance(0.2) && window.autoPad !== "VALID";
  const output_shape = asked ? natural.map((dim) => Math.max(1, dim - random.whole(0, 3))) : undefined;
  return caseOf(
    "ConvTranspose",
    [x, w, bias],
    {
      ...attributesOf(random, window),
      group: group > 1 ? group : undefined,
      kernel_shape: perhaps(random, [window.kernel]),
      output_padding: padded && !asked && rank > 0 ? more : undefined,
      output_shape,
    },
    { opset: version },
  );
};

/** Whether SAME means something all agree on: windows that leave no gaps. */
const pool =
  (op: string): Draw =>
  (random) => {
    const version = opset(random, op);
    const dilated = { MaxPool: 10, AveragePool: 19, LpPool: 18 }[op] as number;
    const window = windowOf(random, { dilated: version >= dilated, shortPads: true });
    const same = window.autoPad?.startsWith("SAME") ?? false;
    const gaps = window.kernel.some((kernel, i) => (window.strides[i] as number) > kernel);
    const ceil = version >= (op === "LpPool" ? 18 : 10) && !same ? perhaps(random, [0, 1]) : undefined;
    const dtype =
      op === "MaxPool" && version >= 12
        ? mostly(random, ["float64", "int8", "uint8", "float16"], 0.8)
        : "float32";
    const whole = dtype.endsWith("int8");
    const of = [random.whole(1, 2), channelsOf(random), ...window.image];
    const made = random.tensor(dtype, of, dtype === "uint8" ? 0 : whole ? -99 : -2, whole ? 99 : 2);
    const x: TensorData =
      op === "MaxPool" && random.chance(0.3)
        ? sprinkled(random, made, [1, -Infinity, -Infinity, Infinity])
        : made;
    const given = {
      ...attributesOf(random, same && gaps ? { ...window, autoPad: "VALID" } : window),
      kernel_shape: window.kernel,
      ceil_mode: ceil,
      count_include_pad: op === "AveragePool" ? perhaps(random, [0, 1]) : undefined,
      p: op === "LpPool" ? perhaps(random, [1, 2, 3]) : undefined,
    };
    if (op !== "MaxPool" || version < 8 || random.chance(0.6))
      return caseOf(op, [x], given, { opset: version, tolerance: summed(dtype) });
    return caseOf(
      op,
      [x],
      { ...given, storage_order: perhaps(random, [0, 1]) },
      { opset: version, outputs: 2 },
    );
  };

const globalPool =
  (op: string): Draw =>
  (random) => {
    const dtype = op === "GlobalLpPool" ? "float32" : mostly(random, ["float64", "float16"], 0.9);
    const of = [random.whole(1, 2), channelsOf(random), ...filled(random, 1, 3)];
    const x = random.tensor(dtype, of, -2, 2);
    const p = op === "GlobalLpPool" ? perhaps(random, [1, 2, 3]) : undefined;
    return caseOf(op, [x], { p }, { opset: opset(random, op), tolerance: summed(dtype) });
  };

const maxUnpool: Draw = (random) => {
  const rank = random.whole(1, 3);
  const each = (low: number, high: number): number[] =>
    Array.from({ length: rank }, () => random.whole(low, high));
  const [kernel, strides, image] = [each(1, 3), each(1, 3), each(1, 4)];
  const of = [random.whole(1, 2), random.whole(1, 3), ...image];
  const natural = image.map((dim, i) => (dim - 1) * (strides[i] as number) + (kernel[i] as number));
  const asked = random.chance(0.2);
  const to = asked ? natural.map((dim) => dim + random.whole(0, 2)) : natural;
  const size = (of[0] as number) * (of[1] as number) * natural.reduce((a, b) => a * b, 1);
  const places = random.shuffle(Array.from({ length: size }, (_, i) => i));
  const count = of.reduce((a, b) => a * b, 1);
  const given = { kernel_shape: kernel, strides: strides.every((one) => one === 1) ? undefined : strides };
  const shape = numbers("int64", [rank + 2], [of[0] as number, of[1] as number, ...to]);
  const inputs = [
    random.tensor("float32", of),
    numbers("int64", of, places.slice(0, count)),
    asked ? shape : undefined,
  ];
  return caseOf("MaxUnpool", inputs, given, { opset: opset(random, "MaxUnpool") });
};

const lrn: Draw = (random) => {
  const of = [
    random.whole(1, 2),
    random.chance(0.2) ? random.whole(8, 37) : random.whole(1, 7),
    ...filled(random, 2, 2),
  ];
  return caseOf(
    "LRN",
    [random.tensor("float32", of, -2, 2)],
    {
      size: random.pick([1, 3, 5, 7]),
      alpha: perhaps(random, [float(0.5), float(0.01)]),
      beta: perhaps(random, [float(0.5), float(1), float(0.6)]),
      bias: perhaps(random, [float(2), float(0.5)]),
    },
    { opset: opset(random, "LRN"), tolerance: summed("float32") },
  );
};

const col2im: Draw = (random) => {
  const window = windowOf(random, {
    dilated: true,
    shortPads: true,
    rank: random.pick([1, 2, 2, 3]),
    same: false,
  });
  const blocks = window.image.map((dim, i) => {
    const reach = ((window.kernel[i] as number) - 1) * (window.dilations[i] as number) + 1;
    const padded = dim + (window.pads[i] ?? 0) + (window.pads[i + window.image.length] ?? 0);
    return Math.floor((padded - reach) / (window.strides[i] as number)) + 1;
  });
  const product = (values: number[]): number => values.reduce((a, b) => a * b, 1);
  const x = random.tensor("float32", [
    random.whole(1, 2),
    random.whole(1, 3) * product(window.kernel),
    product(blocks),
  ]);
  const list = (values: number[]) => numbers("int64", [values.length], values);
  const { auto_pad, ...given } = attributesOf(random, window);
  return caseOf("Col2Im", [x, list(window.image), list(window.kernel)], given, {
    opset: opset(random, "Col2Im"),
  });
};

export const draws: Draws = {
  AveragePool: pool("AveragePool"),
  Col2Im: col2im,
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: globalPool("GlobalAveragePool"),
  GlobalLpPool: globalPool("GlobalLpPool"),
  GlobalMaxPool: globalPool("GlobalMaxPool"),
  LRN: lrn,
  LpPool: pool("LpPool"),
  MaxPool: pool("MaxPool"),
  MaxUnpool: maxUnpool,
};
