import { float } from "../../support/onnx-model.ts";
import type { Random } from "../../support/random.ts";
import { floats, longs, numbers, scalar } from "../operators/case.ts";
import { caseOf, type Draw, type Draws, mostly, opset, perhaps } from "./draw.ts";

const MODES = ["nearest", "linear", "cubic"];
const NEAREST = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];
/** Factors whose coordinates float32 holds exactly: which neighbour is the nearest is no matter of rounding. */
const EXACT = [0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4];
const ANY_SCALE = [...EXACT, 0.3, 0.6, 0.7, 1.3, 1.7, 2.3];

const image = (random: Random, rank: number): number[] => {
  const size = (): number => (random.chance(0.1) ? random.whole(7, 21) : random.whole(1, 6));
  return Array.from({ length: rank }, (_, i) =>
    i < rank - 2 && random.chance(0.8) ? random.whole(1, 3) : size(),
  );
};

function transformOf(random: Random, version: number): string | undefined {
  const names = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"];
  if (version < 13) names.push("tf_half_pixel_for_nn");
  if (version >= 19) names.push("half_pixel_symmetric");
  return perhaps(random, names, 0.85);
}

const resize: Draw = (random) => {
  const version = opset(random, "Resize");
  const mode = random.pick(version < 11 ? MODES.slice(0, 2) : MODES);
  const nearest = mode === "nearest";
  const rank = nearest ? random.whole(1, 5) : random.pick([2, 3, 4, 4, 4, ...(mode === "linear" ? [5] : [])]);
  const of = image(random, rank);
  // Interpolation goes over two dims, or three of them.
  const moved = nearest
    ? of.map((_, i) => i)
    : of.flatMap((_, i) => (i >= Math.max(0, rank - (rank === 5 ? 3 : 2)) ? [i] : []));
  const dtype = mostly(
    random,
    nearest ? ["int8", "uint8", "int32", "float64"] : ["uint8", "int8", "int8", "int32"],
    0.6,
  );
  const whole = dtype.includes("int");
  const x = random.tensor(dtype, of, dtype === "uint8" ? 0 : whole ? -99 : -2, whole ? 99 : 2);
  const tolerance = whole && !nearest ? { rtol: 0, atol: 0, steps: 1 } : { rtol: 1e-4, atol: 2e-5 };
  const scale = () => random.pick(nearest ? EXACT : ANY_SCALE);
  const scales = of.map((dim, i) => {
    const drawn = moved.includes(i) && random.chance(0.9) ? scale() : 1;
    return dim * drawn < 1 ? 1 : drawn;
  });
  if (version < 11)
    return caseOf(
      "Resize",
      [x, floats(...scales)],
      { mode: perhaps(random, [mode], 1) },
      { opset: version, tolerance },
    );
  const transform = transformOf(random, version);
  const cropped = transform === "tf_crop_and_resize";
  // Opset 18 may name the axes.
  const some = version >= 18 && random.chance(0.4) ? random.shuffle(moved) : undefined;
  const at = some ?? of.map((_, i) => i);
  const bySizes = random.chance(0.5);
  const sizes = at.map((axis) =>
    moved.includes(axis) && random.chance(0.9)
      ? random.whole(1, 2 * (of[axis] as number) + 1)
      : (of[axis] as number),
  );
  const ends = [...at.map(() => random.whole(-1, 2) / 4), ...at.map(() => random.whole(2, 5) / 4)];
  const roi = cropped
    ? floats(
        ...ends.map((end, i) => (moved.includes(at[i % at.length] as number) ? end : i < at.length ? 0 : 1)),
      )
    : version < 13
      ? numbers("float32", [0], [])
      : undefined;
  const none = version < 13 ? numbers("float32", [0], []) : undefined;
  const policy =
    version >= 18 && bySizes ? perhaps(random, ["stretch", "not_larger", "not_smaller"], 0.4) : undefined;
  return caseOf(
    "Resize",
    [
      x,
      roi,
      bySizes ? none : floats(...at.map((axis) => scales[axis] as number)),
      bySizes ? longs(...sizes) : undefined,
    ],
    {
      mode,
      coordinate_transformation_mode: transform,
      nearest_mode: nearest ? perhaps(random, NEAREST) : undefined,
      cubic_coeff_a: mode === "cubic" ? perhaps(random, [float(-0.5), float(-0.75)]) : undefined,
      exclude_outside: mode === "cubic" && !cropped ? perhaps(random, [0, 1]) : undefined,
      extrapolation_value: cropped ? perhaps(random, [float(7)]) : undefined,
      antialias: version >= 18 && !nearest && !cropped ? perhaps(random, [0, 1], 0.9) : undefined,
      axes: some,
      keep_aspect_ratio_policy: policy,
    },
    { opset: version, tolerance },
  );
};

const upsample: Draw = (random) => {
  const version = random.pick([7, 8, 9]);
  const mode = random.pick(MODES.slice(0, 2));
  const rank = mode === "nearest" ? random.whole(1, 5) : random.pick([2, 4]);
  const of = image(random, rank);
  const scales = of.map((_, i) =>
    mode === "nearest" || i >= rank - 2 ? random.pick(EXACT.filter((scale) => scale >= 1)) : 1,
  );
  const x = random.tensor(mostly(random, ["int32", "uint8", "int8"], 0.85), of, 0, 99);
  const tolerance =
    x.dtype === "float32"
      ? { rtol: 1e-4, atol: 2e-5 }
      : { rtol: 0, atol: 0, steps: mode === "nearest" ? 0 : 1 };
  if (version < 9)
    return caseOf("Upsample", [x], { mode, scales: float(scales) }, { opset: version, tolerance });
  return caseOf("Upsample", [x, floats(...scales)], { mode }, { opset: version, tolerance });
};

const gridSample: Draw = (random) => {
  const version = opset(random, "GridSample");
  const solid = version >= 20 && random.chance(0.3);
  const early = ["bilinear", "nearest", "bicubic"];
  const mode = perhaps(
    random,
    version < 20 ? early : solid ? ["linear", "nearest"] : ["linear", "nearest", "cubic"],
    0.85,
  );
  const rank = solid ? 3 : 2;
  const each = () => Array.from({ length: rank }, () => random.whole(1, 5));
  const [batch, channels] = [random.whole(1, 2), random.whole(1, 5)];
  const x = random.tensor("float32", [batch, channels, ...each()], -2, 2);
  const reach = random.pick([0.9, 1.4, 3]);
  const grid = random.tensor("float32", [batch, ...each(), rank], -reach, reach);
  return caseOf(
    "GridSample",
    [x, grid],
    {
      mode,
      padding_mode: perhaps(random, ["zeros", "border", "reflection"], 0.85),
      align_corners: perhaps(random, [0, 1]),
    },
    { opset: version, tolerance: { rtol: 1e-4, atol: 5e-5 } },
  );
};

const affineGrid: Draw = (random) => {
  const solid = random.chance(0.4);
  const size = [
    random.whole(1, 3),
    random.whole(1, 3),
    ...Array.from({ length: solid ? 3 : 2 }, () => random.whole(1, 6)),
  ];
  const theta = random.tensor("float32", [size[0] as number, solid ? 3 : 2, solid ? 4 : 3], -2, 2);
  return caseOf(
    "AffineGrid",
    [theta, longs(...size)],
    { align_corners: perhaps(random, [0, 1]) },
    { opset: opset(random, "AffineGrid") },
  );
};

const roiAlign: Draw = (random) => {
  const version = opset(random, "RoiAlign");
  const of = [random.whole(1, 3), random.whole(1, 4), random.whole(2, 9), random.whole(2, 9)];
  const count = random.whole(1, 4);
  const corners = Array.from({ length: count }, () => {
    const [x, y] = [random.next() * 12 - 2, random.next() * 12 - 2];
    return [x, y, x + random.next() * 9, y + random.next() * 9];
  }).flat();
  const at = random.tensor("int64", [count], 0, (of[0] as number) - 1);
  return caseOf(
    "RoiAlign",
    [random.tensor("float32", of, -2, 2), numbers("float32", [count, 4], corners), at],
    {
      mode: perhaps(random, ["avg", "max"]),
      output_height: perhaps(random, [1, 2, 3, 4]),
      output_width: perhaps(random, [1, 2, 3, 4]),
      sampling_ratio: perhaps(random, [0, 1, 2, 3]),
      spatial_scale: perhaps(random, [float(0.5), float(0.25), float(2)]),
      coordinate_transformation_mode:
        version >= 16 ? perhaps(random, ["half_pixel", "output_half_pixel"]) : undefined,
    },
    { opset: version },
  );
};

const maxRoiPool: Draw = (random) => {
  const of = [random.whole(1, 3), random.whole(1, 4), random.whole(2, 9), random.whole(2, 9)];
  const count = random.whole(1, 4);
  const corners = Array.from({ length: count }, () => {
    const [x, y] = [random.whole(0, 9), random.whole(0, 9)];
    return [random.whole(0, (of[0] as number) - 1), x, y, x + random.whole(0, 9), y + random.whole(0, 9)];
  }).flat();
  return caseOf(
    "MaxRoiPool",
    [random.tensor("float32", of, -2, 2), numbers("float32", [count, 5], corners)],
    {
      pooled_shape: [random.whole(1, 4), random.whole(1, 4)],
      spatial_scale: perhaps(random, [float(0.5), float(0.25)]),
    },
    { opset: opset(random, "MaxRoiPool") },
  );
};

const nonMaxSuppression: Draw = (random) => {
  const [batch, classes, count] = [random.whole(1, 2), random.whole(1, 3), random.whole(1, 14)];
  const center = perhaps(random, [0, 1]);
  const boxes = Array.from({ length: batch * count }, () => {
    const [y, x, h, w] = [
      random.next() * 4,
      random.next() * 4,
      0.2 + random.next() * 3,
      0.2 + random.next() * 3,
    ];
    if (center === 1) return [x, y, w, h];
    // Either pair of corners that lie across from one another.
    const [top, bottom] = random.chance(0.8) ? [y, y + h] : [y + h, y];
    return random.chance(0.8) ? [top, x, bottom, x + w] : [top, x + w, bottom, x];
  }).flat();
  const threshold = (): number => random.whole(0, 8) / 8 + 1 / 64;
  const wrap = (value: number) => (random.chance(0.5) ? scalar(value) : floats(value));
  const given = random.whole(0, 3);
  const inputs = [
    numbers("float32", [batch, count, 4], boxes),
    random.tensor("float32", [batch, classes, count], 0, 1),
    given > 0
      ? random.chance(0.5)
        ? longs(random.whole(0, 9))
        : scalar(random.whole(0, 9), "int64")
      : undefined,
    given > 1 ? wrap(Math.min(threshold(), 1)) : undefined,
    given > 2 ? wrap(threshold()) : undefined,
  ];
  return caseOf(
    "NonMaxSuppression",
    inputs,
    { center_point_box: center },
    { opset: opset(random, "NonMaxSuppression") },
  );
};

export const draws: Draws = {
  AffineGrid: affineGrid,
  GridSample: gridSample,
  MaxRoiPool: maxRoiPool,
  NonMaxSuppression: nonMaxSuppression,
  Resize: resize,
  RoiAlign: roiAlign,
  Upsample: upsample,
};
