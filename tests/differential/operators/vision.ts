import { float } from "../../support/onnx-model.ts";
import { type Case, floats, grid, longs, numbers, operatorCase, scalar, source } from "./case.ts";

const random = source("vision");
const f = (...dims: number[]) => random.tensor("float32", dims);

function resizes(): Case[] {
  const cases: Case[] = [];
  const transforms = [
    "half_pixel",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "half_pixel_symmetric",
    "tf_half_pixel_for_nn",
  ];
  for (const { mode, transform, scales } of grid({
    mode: ["nearest", "linear", "cubic"],
    transform: transforms,
    scales: [
      [1, 1, 2, 2],
      [1, 1, 0.5, 0.6],
      [1, 1, 1.3, 2.7],
      [1, 1, 3, 1],
      [1, 1, 0.25, 0.25],
    ],
  })) {
    const opset = transform === "half_pixel_symmetric" ? 19 : 11;
    const nearest = mode === "nearest" ? ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] : [""];
    for (const nearest_mode of nearest) {
      const attributes = {
        mode,
        coordinate_transformation_mode: transform,
        ...(nearest_mode && { nearest_mode }),
      };
      // 1.5 / 0.6 - 0.5 is 2 or just below: two ways to round in float32.
      if (transform === "half_pixel_symmetric" && nearest_mode === "floor" && scales.includes(0.6)) continue;
      const roi = opset === 11 ? numbers("float32", [0], []) : undefined;
      cases.push(operatorCase("Resize", [f(1, 2, 4, 5), roi, floats(...scales)], attributes, { opset }));
    }
  }
  for (const { mode, transform, sizes } of grid({
    mode: ["nearest", "linear", "cubic"],
    transform: ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"],
    sizes: [
      [1, 2, 8, 9],
      [1, 2, 3, 2],
      [1, 2, 1, 1],
      [1, 2, 4, 5],
      [1, 2, 7, 1],
    ],
  })) {
    const attributes = { mode, coordinate_transformation_mode: transform };
    for (const opset of [13, 18])
      cases.push(
        operatorCase("Resize", [f(1, 2, 4, 5), undefined, undefined, longs(...sizes)], attributes, { opset }),
      );
  }
  const four = [1, 1, 0.6, 0.6];
  for (const attributes of [
    { cubic_coeff_a: float(-0.5) },
    { exclude_outside: 1 },
    { exclude_outside: 1, coordinate_transformation_mode: "align_corners" },
  ]) {
    cases.push(
      operatorCase("Resize", [f(1, 2, 6, 6), undefined, floats(...four)], { mode: "cubic", ...attributes }),
    );
    cases.push(
      operatorCase("Resize", [f(1, 2, 4, 4), undefined, floats(1, 1, 2, 2)], {
        mode: "cubic",
        ...attributes,
      }),
    );
  }
  for (const { mode, antialias } of grid({ mode: ["linear", "cubic"], antialias: [0, 1] })) {
    cases.push(
      operatorCase(
        "Resize",
        [f(1, 2, 9, 8), undefined, floats(1, 1, 0.5, 0.4)],
        { mode, antialias },
        { opset: 18 },
      ),
    );
    cases.push(
      operatorCase(
        "Resize",
        [f(1, 2, 9, 8), undefined, undefined, longs(1, 2, 4, 3)],
        { mode, antialias },
        { opset: 18 },
      ),
    );
  }
  for (const policy of ["stretch", "not_larger", "not_smaller"]) {
    cases.push(
      operatorCase(
        "Resize",
        [f(1, 2, 4, 6), undefined, undefined, longs(8, 8)],
        { axes: [2, 3], keep_aspect_ratio_policy: policy },
        { opset: 18 },
      ),
    );
    cases.push(
      operatorCase(
        "Resize",
        [f(1, 2, 4, 6), undefined, undefined, longs(3, 5)],
        { axes: [3, 2], keep_aspect_ratio_policy: policy, mode: "linear" },
        { opset: 18 },
      ),
    );
  }
  cases.push(
    operatorCase(
      "Resize",
      [f(1, 2, 4, 6), undefined, floats(2, 0.5)],
      { axes: [2, 3], mode: "linear" },
      { opset: 18 },
    ),
  );
  for (const mode of ["nearest", "linear", "cubic"]) {
    const roi = numbers("float32", [8], [0, 0, 0.4, 0.3, 1, 1, 0.9, 0.8]);
    for (const extrapolation_value of [0, 10]) {
      cases.push(
        operatorCase(
          "Resize",
          [f(1, 1, 5, 5), roi, undefined, longs(1, 1, 3, 3)],
          {
            mode,
            coordinate_transformation_mode: "tf_crop_and_resize",
            extrapolation_value: float(extrapolation_value),
          },
          { opset: 13 },
        ),
      );
    }
  }
  for (const { mode, dims } of grid({
    mode: ["nearest", "linear", "cubic"],
    dims: [
      [3, 5],
      [2, 3, 5],
      [1, 2, 3, 4, 5],
    ],
  })) {
    const sizes = dims.map((dim, i) => (i < dims.length - 2 ? dim : dim * 2));
    cases.push(operatorCase("Resize", [f(...dims), undefined, undefined, longs(...sizes)], { mode }));
    cases.push(
      operatorCase(
        "Resize",
        [f(...dims), undefined, floats(...dims.map((_, i) => (i === 0 && dims.length > 2 ? 1 : 2)))],
        { mode },
      ),
    );
  }
  for (const mode of ["nearest", "linear"]) {
    for (const scales of [
      [1, 1, 2, 2],
      [1, 1, 2, 3],
      [1, 1, 1, 1],
    ]) {
      cases.push(operatorCase("Upsample", [f(1, 2, 3, 4), floats(...scales)], { mode }, { opset: 9 }));
      cases.push(operatorCase("Upsample", [f(1, 2, 3, 4)], { mode, scales: float(scales) }, { opset: 7 }));
      cases.push(operatorCase("Resize", [f(1, 2, 3, 4), floats(...scales)], { mode }, { opset: 10 }));
    }
    cases.push(operatorCase("Resize", [f(1, 2, 5, 6), floats(1, 1, 0.6, 0.5)], { mode }, { opset: 10 }));
  }
  for (const dtype of ["uint8", "int32", "float64", "int8"] as const)
    cases.push(
      operatorCase("Resize", [random.tensor(dtype, [1, 1, 3, 3], 0, 99), undefined, floats(1, 1, 2, 2)], {}),
    );
  return cases;
}

function samples(): Case[] {
  const cases: Case[] = [];
  for (const { mode, padding_mode, align_corners } of grid({
    mode: ["bilinear", "nearest", "bicubic"],
    padding_mode: ["zeros", "border", "reflection"],
    align_corners: [0, 1],
  })) {
    cases.push(
      operatorCase("GridSample", [f(2, 3, 4, 5), random.tensor("float32", [2, 3, 2, 2], -1.4, 1.4)], {
        mode,
        padding_mode,
        align_corners,
      }),
    );
    const renamed = { bilinear: "linear", nearest: "nearest", bicubic: "cubic" }[mode] as string;
    cases.push(
      operatorCase(
        "GridSample",
        [f(1, 1, 4, 5), random.tensor("float32", [1, 3, 2, 2], -1.4, 1.4)],
        { mode: renamed, padding_mode, align_corners },
        { opset: 20 },
      ),
    );
    if (mode !== "bicubic")
      cases.push(
        operatorCase(
          "GridSample",
          [f(1, 2, 3, 4, 5), random.tensor("float32", [1, 2, 2, 2, 3], -1.4, 1.4)],
          { mode: renamed, padding_mode, align_corners },
          { opset: 20 },
        ),
      );
  }
  for (const { align_corners, size } of grid({
    align_corners: [0, 1],
    size: [
      [2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ],
  })) {
    const flat = size.length === 4;
    cases.push(
      operatorCase(
        "AffineGrid",
        [f(size[0] as number, flat ? 2 : 3, flat ? 3 : 4), longs(...size)],
        { align_corners },
        { opset: 20 },
      ),
    );
  }
  for (const { mode, ratio, transform } of grid({
    mode: ["avg", "max"],
    ratio: [0, 2],
    transform: ["half_pixel", "output_half_pixel"],
  })) {
    const rois = numbers("float32", [2, 4], [0, 0, 6, 5, 1, 2, 9, 8]);
    const attributes = {
      mode,
      output_height: 3,
      output_width: 2,
      sampling_ratio: ratio,
      spatial_scale: float(0.5),
      coordinate_transformation_mode: transform,
    };
    cases.push(operatorCase("RoiAlign", [f(2, 2, 6, 6), rois, longs(0, 1)], attributes, { opset: 16 }));
  }
  cases.push(
    operatorCase("MaxRoiPool", [f(1, 2, 8, 8), numbers("float32", [2, 5], [0, 0, 0, 5, 5, 0, 2, 1, 7, 6])], {
      pooled_shape: [2, 3],
    }),
  );
  return cases;
}

function boxes(): Case[] {
  const cases: Case[] = [];
  const corners = (count: number) =>
    numbers(
      "float32",
      [1, count, 4],
      Array.from({ length: count }, () => {
        const [y, x] = [random.next() * 4, random.next() * 4];
        return [y, x, y + 1 + random.next() * 2, x + 1 + random.next() * 2];
      }).flat(),
    );
  for (const { most, iou, score, center } of grid({
    most: [0, 2, 10],
    iou: [0, 0.3, 0.9],
    score: [-1, 0.4],
    center: [0, 1],
  })) {
    const inputs = [
      corners(8),
      random.tensor("float32", [1, 2, 8], 0, 1),
      scalar(most, "int64"),
      scalar(iou),
      scalar(score),
    ];
    cases.push(operatorCase("NonMaxSuppression", inputs, { center_point_box: center }));
  }
  cases.push(
    operatorCase("NonMaxSuppression", [
      corners(5),
      random.tensor("float32", [1, 1, 5], 0, 1),
      longs(3),
      floats(0.5),
      floats(0),
    ]),
  );
  cases.push(
    operatorCase(
      "NonMaxSuppression",
      [corners(5), random.tensor("float32", [1, 1, 5], 0, 1), longs(3)],
      {},
      { opset: 10 },
    ),
  );
  cases.push(
    operatorCase(
      "MaxUnpool",
      [numbers("float32", [1, 1, 2, 2], [1, 2, 3, 4]), numbers("int64", [1, 1, 2, 2], [5, 7, 13, 15])],
      { kernel_shape: [2, 2], strides: [2, 2] },
    ),
  );
  cases.push(operatorCase("Col2Im", [f(1, 5, 5), longs(5, 5), longs(1, 5)], {}, { opset: 18 }));
  cases.push(
    operatorCase("Col2Im", [f(1, 8, 4), longs(3, 3), longs(2, 2)], { pads: [0, 0, 0, 0] }, { opset: 18 }),
  );
  cases.push(operatorCase("CenterCropPad", [f(5, 4, 3), longs(3, 6)], { axes: [0, 1] }, { opset: 18 }));
  return cases;
}

export const cases = (): Case[] => [...resizes(), ...samples(), ...boxes()];
