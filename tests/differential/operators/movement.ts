import type { DType } from "../../../src/dtype.ts";
import { float } from "../../support/onnx-model.ts";
import { type Case, floats, grid, longs, numbers, operatorCase, scalar, source } from "./case.ts";

const random = source("movement");
const f = (...dims: number[]) => random.tensor("float32", dims);
const MAX = 2 ** 31 - 1;
const ANY: DType[] = [
  "float32",
  "float64",
  "float16",
  "int32",
  "int64",
  "uint8",
  "int8",
  "int16",
  "bool",
  "string",
];

function shapes(): Case[] {
  const cases: Case[] = [];
  for (const shape of [
    [4, 6],
    [-1],
    [0, -1],
    [2, 0, 4],
    [0, 0, 0],
    [2, 3, 1, 4],
    [1, 24, 1],
    [-1, 2, 2],
    [0, 1, -1],
  ]) {
    for (const opset of [5, 13, 14, 21])
      cases.push(operatorCase("Reshape", [f(2, 3, 4), longs(...shape)], {}, { opset }));
  }
  cases.push(operatorCase("Reshape", [f(0, 3), longs(3, 0)], { allowzero: 1 }));
  cases.push(operatorCase("Reshape", [f(0, 3), longs(0, 3)]));
  cases.push(operatorCase("Reshape", [f(1), numbers("int64", [0], [])]));
  cases.push(operatorCase("Reshape", [random.tensor("string", [4]), longs(2, 2)]));
  for (const axis of [-4, -1, 0, 1, 2, 4]) cases.push(operatorCase("Flatten", [f(2, 3, 4, 5)], { axis }));
  for (const opset of [7, 11]) cases.push(operatorCase("Flatten", [f(2, 3, 4)], {}, { opset }));
  cases.push(operatorCase("Squeeze", [f(1, 3, 1, 2)], { axes: [0, 2] }, { opset: 11 }));
  cases.push(operatorCase("Squeeze", [f(1, 3, 1, 2)], { axes: [-2] }, { opset: 11 }));
  cases.push(operatorCase("Squeeze", [f(1, 3, 1, 2)], {}, { opset: 11 }));
  cases.push(operatorCase("Squeeze", [f(1, 3, 1, 2)]));
  cases.push(operatorCase("Squeeze", [f(1, 3, 1, 2), longs(0, -2)]));
  cases.push(operatorCase("Unsqueeze", [f(3, 2)], { axes: [0, 3] }, { opset: 9 }));
  cases.push(operatorCase("Unsqueeze", [f(3, 2)], { axes: [-1, 1] }, { opset: 11 }));
  for (const axes of [[0], [-1], [1, 2], [3, 0], [-1, -3], [2, 1, 0]])
    cases.push(operatorCase("Unsqueeze", [f(3, 2), longs(...axes)]));
  for (const attributes of [
    {},
    { start: 1 },
    { end: 2 },
    { start: -2 },
    { start: 1, end: -1 },
    { start: -9, end: 9 },
    { start: 2, end: 1 },
  ]) {
    cases.push(operatorCase("Shape", [f(2, 3, 4)], attributes, { opset: 15 }));
  }
  for (const opset of [8, 13]) {
    cases.push(operatorCase("Shape", [f(2, 3)], {}, { opset }));
    cases.push(operatorCase("Size", [f(2, 3)], {}, { opset }));
  }
  for (const shape of [
    [3, 4],
    [2, 3, 4],
    [1, 1],
    [3, 1],
    [2, 1, 1, 4],
  ])
    cases.push(operatorCase("Expand", [f(3, 1), longs(...shape)]));
  cases.push(operatorCase("Expand", [scalar(2), longs(2, 3)]));
  cases.push(operatorCase("Expand", [random.tensor("int64", [1, 3], 0, 9), longs(2, 1)]));
  cases.push(operatorCase("Expand", [f(3), longs(0, 3)]));
  for (const repeats of [
    [1, 1, 1],
    [2, 1, 3],
    [1, 4, 1],
    [0, 1, 1],
  ])
    cases.push(operatorCase("Tile", [f(2, 3, 4), longs(...repeats)]));
  for (const dtype of ANY)
    cases.push(operatorCase("Tile", [random.tensor(dtype, [2, 2], 0, 9), longs(2, 2)]));
  const perms = [
    [0, 1, 2, 3],
    [0, 2, 3, 1],
    [0, 3, 1, 2],
    [3, 2, 1, 0],
    [1, 0, 2, 3],
    [0, 1, 3, 2],
    [2, 0, 3, 1],
  ];
  for (const perm of perms) cases.push(operatorCase("Transpose", [f(2, 3, 4, 5)], { perm }));
  for (const dims of [[2, 3], [5], [2, 3, 4], [2, 1, 3, 1, 2], [33, 17]])
    cases.push(operatorCase("Transpose", [f(...dims)]));
  for (const dtype of ANY)
    cases.push(operatorCase("Transpose", [random.tensor(dtype, [3, 4], 0, 9)], { perm: [1, 0] }));
  return cases;
}

function joins(): Case[] {
  const cases: Case[] = [];
  for (const { axis, dtype } of grid({ axis: [0, 1, 2, -1, -2, -3], dtype: ANY })) {
    const at = axis < 0 ? axis + 3 : axis;
    const part = (size: number) =>
      random.tensor(
        dtype,
        [2, 3, 4].map((dim, i) => (i === at ? size : dim)),
        0,
        9,
      );
    cases.push(operatorCase("Concat", [part(1), part(3), part(2)], { axis }));
  }
  cases.push(operatorCase("Concat", [f(2, 3)], { axis: 1 }));
  cases.push(operatorCase("Concat", [f(0, 3), f(2, 3)], { axis: 0 }));
  for (const opset of [7, 11]) cases.push(operatorCase("Concat", [f(2, 3), f(2, 3)], { axis: 1 }, { opset }));
  for (const { axis, dtype } of grid({
    axis: [0, 1, -1],
    dtype: ["float32", "int64", "bool", "string"] as DType[],
  })) {
    cases.push(operatorCase("Split", [random.tensor(dtype, [4, 6], 0, 9)], { axis }, { outputs: 2 }));
    cases.push(
      operatorCase(
        "Split",
        [random.tensor(dtype, [4, 6], 0, 9)],
        { axis, split: [1, axis === 0 ? 3 : 5] },
        { outputs: 2, opset: 11 },
      ),
    );
    cases.push(
      operatorCase(
        "Split",
        [random.tensor(dtype, [4, 6], 0, 9), longs(...(axis === 0 ? [1, 0, 3] : [2, 1, 3]))],
        { axis },
        { outputs: 3 },
      ),
    );
  }
  for (const { size, num_outputs } of grid({ size: [6, 7, 8], num_outputs: [1, 2, 3, 4] })) {
    cases.push(operatorCase("Split", [f(size, 2)], { num_outputs }, { outputs: num_outputs, opset: 18 }));
  }
  return cases;
}

function slices(): Case[] {
  const cases: Case[] = [];
  for (const start of [-9, -2, 0, 1, 3, 9]) {
    for (const end of [-9, -1, 0, 2, 4, MAX, -MAX]) {
      for (const step of [1, 2, -1, -2]) {
        cases.push(operatorCase("Slice", [f(5, 4), longs(start), longs(end), longs(0), longs(step)]));
      }
    }
  }
  cases.push(operatorCase("Slice", [f(5, 4, 3), longs(0, 1), longs(3, 4)]));
  cases.push(operatorCase("Slice", [f(5, 4, 3), longs(0, 1), longs(3, 4), longs(-1, 0)]));
  cases.push(operatorCase("Slice", [f(5, 4, 3), longs(1, -1), longs(MAX, -MAX), longs(0, 2), longs(2, -1)]));
  cases.push(operatorCase("Slice", [f(5, 4), numbers("int32", [1], [1]), numbers("int32", [1], [3])]));
  for (const [starts, ends, axes] of [
    [
      [0, 1],
      [3, 4],
      [0, 1],
    ],
    [[-2], [MAX], [1]],
    [[1], [-1], [0]],
    [[0, 0], [1, 1], undefined],
  ] as const) {
    const attributes = { starts: [...starts], ends: [...ends], ...(axes && { axes: [...axes] }) };
    cases.push(operatorCase("Slice", [f(5, 4, 3)], attributes, { opset: 9 }));
  }
  for (const dtype of ANY)
    cases.push(operatorCase("Slice", [random.tensor(dtype, [3, 4], 0, 9), longs(1), longs(3), longs(1)]));
  return cases;
}

function pads(): Case[] {
  const cases: Case[] = [];
  for (const { mode, amounts } of grid({
    mode: ["constant", "reflect", "edge", "wrap"],
    amounts: [
      [0, 0, 1, 1, 0, 0, 1, 1],
      [0, 0, 0, 2, 0, 0, 1, 0],
      [1, 0, 0, 0, 0, 2, 0, 0],
      [0, 0, -1, 0, 0, 0, 0, -1],
      [0, 0, -1, 2, 0, 0, 2, -1],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ],
  })) {
    cases.push(operatorCase("Pad", [f(2, 3, 4, 5), longs(...amounts)], { mode }, { opset: 19 }));
  }
  cases.push(operatorCase("Pad", [f(2, 3), longs(1, 0, 0, 2), scalar(1.5)]));
  cases.push(operatorCase("Pad", [f(2, 3, 4), longs(1, 2), undefined, longs(-1)], {}, { opset: 18 }));
  cases.push(operatorCase("Pad", [f(2, 3, 4), longs(1, 0, 2, 1), scalar(3), longs(2, 0)], {}, { opset: 18 }));
  cases.push(operatorCase("Pad", [f(4), longs(3, 3)], { mode: "reflect" }));
  for (const mode of ["constant", "reflect", "edge"])
    cases.push(
      operatorCase("Pad", [f(3, 4)], { pads: [1, 2, 0, 1], mode, value: float(0.5) }, { opset: 10 }),
    );
  for (const dtype of ["int32", "int64", "float64", "uint8", "int8", "bool"] as DType[]) {
    cases.push(operatorCase("Pad", [random.tensor(dtype, [2, 3], 0, 9), longs(1, 0, 0, 2)]));
    cases.push(
      operatorCase("Pad", [random.tensor(dtype, [2, 3], 0, 9), longs(1, 0, 0, 2), scalar(1, dtype)]),
    );
  }
  return cases;
}

function gathers(): Case[] {
  const cases: Case[] = [];
  for (const { axis, at } of grid({ axis: [0, 1, 2, -1], at: [[], [1], [2, 2], [1, 3]] })) {
    cases.push(operatorCase("Gather", [f(3, 4, 5), random.tensor("int64", at, -3, 2)], { axis }));
  }
  for (const dtype of ANY) {
    cases.push(operatorCase("Gather", [random.tensor(dtype, [4], 0, 9), numbers("int32", [3], [0, -1, 2])]));
    cases.push(
      operatorCase("GatherElements", [
        random.tensor(dtype, [3, 3], 0, 9),
        numbers("int32", [2, 3], [0, -1, 2, 1, 1, 0]),
      ]),
    );
  }
  for (const axis of [0, 1, -1])
    cases.push(operatorCase("GatherElements", [f(3, 4), random.tensor("int64", [2, 3], -3, 2)], { axis }));
  cases.push(operatorCase("GatherND", [f(2, 3, 4), numbers("int64", [2, 2], [0, 1, 1, -1])]));
  cases.push(operatorCase("GatherND", [f(2, 3, 4), numbers("int64", [1, 2, 3], [0, 1, 1, 1, 2, 3])]));
  cases.push(operatorCase("GatherND", [f(2, 3, 4), numbers("int64", [2, 1], [2, 0])], { batch_dims: 1 }));
  for (const reduction of ["none", "add", "mul", "max", "min"]) {
    const setting = { opset: 18 };
    for (const axis of [0, 1, -1]) {
      cases.push(
        operatorCase(
          "ScatterElements",
          [f(3, 4), random.tensor("int64", [2, 3], -3, 2), f(2, 3)],
          { axis, ...(reduction !== "none" && { reduction }) },
          setting,
        ),
      );
    }
    cases.push(
      operatorCase(
        "ScatterND",
        [f(4, 3), numbers("int64", [3, 1], [0, 2, 2]), f(3, 3)],
        { reduction },
        setting,
      ),
    );
    cases.push(
      operatorCase(
        "ScatterND",
        [
          random.tensor("int32", [4, 3], 0, 9),
          numbers("int64", [2, 2], [0, 2, 3, -1]),
          random.tensor("int32", [2], 0, 9),
        ],
        { reduction },
        setting,
      ),
    );
  }
  cases.push(
    operatorCase(
      "Scatter",
      [f(3, 3), numbers("int64", [2, 3], [1, 0, 2, 0, 2, 1]), f(2, 3)],
      {},
      { opset: 10 },
    ),
  );
  cases.push(
    operatorCase(
      "ScatterElements",
      [f(3, 3), numbers("int32", [2, 3], [1, 0, 2, 0, 2, 1]), f(2, 3)],
      {},
      { opset: 11 },
    ),
  );
  cases.push(operatorCase("Compress", [f(3, 4), numbers("bool", [3], [1, 0, 1])], { axis: 0 }));
  cases.push(operatorCase("Compress", [f(3, 4), numbers("bool", [2], [0, 1])], { axis: -1 }));
  cases.push(operatorCase("Compress", [f(3, 4), numbers("bool", [6], [1, 0, 1, 0, 0, 1])]));
  cases.push(operatorCase("NonZero", [numbers("float32", [2, 3], [0, 1, 2, 0, 0, -1])]));
  for (const dtype of ["bool", "int32", "int64", "uint8"] as DType[])
    cases.push(operatorCase("NonZero", [random.tensor(dtype, [3, 4], 0, 1)]));
  cases.push(operatorCase("NonZero", [scalar(2)]), operatorCase("NonZero", [floats(0, 0)]));
  for (const axis of [0, 1, -1]) {
    for (const depth of [scalar(4, "int64"), scalar(4, "float32"), longs(4)]) {
      cases.push(
        operatorCase("OneHot", [random.tensor("int64", [2, 3], -2, 5), depth, floats(-1, 3)], { axis }),
      );
    }
  }
  cases.push(operatorCase("OneHot", [floats(1, 0, 3), scalar(4, "int64"), numbers("int64", [2], [0, 1])]));
  for (const { upper, k } of grid({ upper: [0, 1], k: [-5, -1, 0, 1, 5] })) {
    cases.push(operatorCase("Trilu", [f(2, 3, 4), scalar(k, "int64")], { upper }));
  }
  cases.push(operatorCase("Trilu", [random.tensor("int64", [4, 4], 0, 9)]));
  for (const { batch_axis, time_axis } of [
    { batch_axis: 0, time_axis: 1 },
    { batch_axis: 1, time_axis: 0 },
  ]) {
    const [b, t] = batch_axis === 0 ? [3, 4] : [4, 3];
    const lens = batch_axis === 0 ? longs(1, 4, 2) : longs(1, 3, 2);
    cases.push(
      operatorCase("ReverseSequence", [f(b === 3 ? 3 : t, b === 3 ? 4 : 3, 2), lens], {
        batch_axis,
        time_axis,
      }),
    );
  }
  cases.push(operatorCase("Unique", [floats(2, 1, 1, 3, 4, 3)], {}, { outputs: 4 }));
  cases.push(operatorCase("Unique", [floats(2, 1, 1, 3, 4, 3)], { sorted: 0 }, { outputs: 4 }));
  cases.push(
    operatorCase("Unique", [numbers("float32", [3, 2], [1, 0, 1, 0, 2, 3])], { axis: 0 }, { outputs: 4 }),
  );
  cases.push(
    operatorCase(
      "Unique",
      [numbers("int64", [2, 3], [1, 0, 1, 0, 2, 0])],
      { axis: 1 },
      { outputs: ["y", "", "", "n"] },
    ),
  );
  return cases;
}

export const cases = (): Case[] => [...shapes(), ...joins(), ...slices(), ...pads(), ...gathers()];
