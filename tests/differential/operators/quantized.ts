import type { DType } from "../../../src/dtype.ts";
import { type Case, grid, numbers, operatorCase, scalar, source } from "./case.ts";

const random = source("quantized");
const STEP = { rtol: 1e-4, atol: 1e-5, steps: 1 };
const q = (dtype: DType, ...dims: number[]) =>
  random.tensor(dtype, dims, dtype === "int8" ? -100 : 0, dtype === "int8" ? 100 : 200);
const scales = (count: number) => random.tensor("float32", [count], 0.01, 0.05);
const zeros = (dtype: DType, count: number) =>
  random.tensor(dtype, [count], dtype === "int8" ? -9 : 100, dtype === "int8" ? 9 : 140);

function linear(): Case[] {
  const cases: Case[] = [];
  for (const { dtype, opset } of grid({ dtype: ["uint8", "int8"] as DType[], opset: [10, 13, 19, 21] })) {
    const setting = { opset };
    cases.push(
      operatorCase(
        "QuantizeLinear",
        [random.tensor("float32", [2, 3, 4], -3, 3), scalar(0.02), scalar(dtype === "int8" ? 3 : 128, dtype)],
        {},
        setting,
      ),
    );
    cases.push(
      operatorCase(
        "DequantizeLinear",
        [q(dtype, 2, 3, 4), scalar(0.02), scalar(dtype === "int8" ? 3 : 128, dtype)],
        {},
        setting,
      ),
    );
    cases.push(operatorCase("DequantizeLinear", [q(dtype, 5), scalar(0.02)], {}, setting));
    if (dtype === "uint8")
      cases.push(
        operatorCase("QuantizeLinear", [random.tensor("float32", [7], -3, 3), scalar(0.02)], {}, setting),
      );
    if (opset < 13) continue;
    for (const axis of [0, 1, -1, 2]) {
      const count = [2, 3, 4].at(axis) as number;
      cases.push(
        operatorCase(
          "QuantizeLinear",
          [random.tensor("float32", [2, 3, 4], -3, 3), scales(count), zeros(dtype, count)],
          { axis },
          setting,
        ),
      );
      cases.push(
        operatorCase(
          "DequantizeLinear",
          [q(dtype, 2, 3, 4), scales(count), zeros(dtype, count)],
          { axis },
          setting,
        ),
      );
    }
    if (opset >= 21) {
      cases.push(
        operatorCase(
          "QuantizeLinear",
          [
            random.tensor("float32", [2, 6], -3, 3),
            random.tensor("float32", [2, 3], 0.01, 0.05),
            random.tensor(dtype, [2, 3], 0, 5),
          ],
          { axis: 1, block_size: 2 },
          setting,
        ),
      );
      cases.push(
        operatorCase(
          "DequantizeLinear",
          [q(dtype, 2, 6), random.tensor("float32", [2, 3], 0.01, 0.05), random.tensor(dtype, [2, 3], 0, 5)],
          { axis: 1, block_size: 2 },
          setting,
        ),
      );
    }
  }
  cases.push(operatorCase("DequantizeLinear", [random.tensor("int32", [3, 4], -1000, 1000), scalar(0.01)]));
  for (const dtype of ["uint16", "int16"] as DType[]) {
    cases.push(
      operatorCase(
        "QuantizeLinear",
        [random.tensor("float32", [5], -3, 3), scalar(0.001), scalar(9, dtype)],
        {},
        { opset: 21 },
      ),
    );
    cases.push(
      operatorCase(
        "DequantizeLinear",
        [random.tensor(dtype, [5], 0, 999), scalar(0.001), scalar(9, dtype)],
        {},
        { opset: 21 },
      ),
    );
  }
  cases.push(
    operatorCase("QuantizeLinear", [
      numbers("float32", [6], [0.5, 1.5, 2.5, -0.5, 1000, -1000]),
      scalar(1),
      scalar(0, "int8"),
    ]),
  );
  for (const dims of [[5], [2, 3, 4], [1]])
    cases.push(
      operatorCase(
        "DynamicQuantizeLinear",
        [random.tensor("float32", dims, -2, 3)],
        {},
        { outputs: 3, tolerance: STEP },
      ),
    );
  cases.push(
    operatorCase(
      "DynamicQuantizeLinear",
      [random.tensor("float32", [5], 1, 3)],
      {},
      { outputs: 3, tolerance: STEP },
    ),
  );
  return cases;
}

function convolutions(): Case[] {
  const cases: Case[] = [];
  const attributes = [
    {},
    { pads: [1, 1, 1, 1] },
    { strides: [2, 2], pads: [1, 0, 1, 0] },
    { dilations: [2, 2] },
    { auto_pad: "SAME_UPPER" },
  ];
  for (const { x, w, attribute, group } of grid({
    x: ["uint8", "int8"] as DType[],
    w: ["uint8", "int8"] as DType[],
    attribute: attributes,
    group: [1, 2],
  })) {
    if (x === "int8" && w === "uint8") continue;
    const [image, weight] = [q(x, 1, 4, 6, 6), q(w, 6, 4 / group, 3, 3)];
    cases.push(
      operatorCase("ConvInteger", [image, weight, scalar(3, x), scalar(w === "int8" ? 0 : 120, w)], {
        ...attribute,
        group,
      }),
    );
    for (const perChannel of [false, true]) {
      const inputs = [
        image,
        scalar(0.02),
        scalar(x === "int8" ? 2 : 128, x),
        weight,
        perChannel ? scales(6) : scalar(0.03),
        perChannel
          ? numbers(w, [6], Array(6).fill(w === "int8" ? 0 : 128))
          : scalar(w === "int8" ? 0 : 128, w),
        scalar(0.5),
        scalar(x === "int8" ? -3 : 110, x),
        random.tensor("int32", [6], -300, 300),
      ];
      cases.push(operatorCase("QLinearConv", inputs, { ...attribute, group }, { tolerance: STEP }));
    }
  }
  cases.push(
    operatorCase(
      "QLinearConv",
      [
        q("uint8", 1, 2, 8),
        scalar(0.02),
        scalar(128, "uint8"),
        q("int8", 3, 2, 3),
        scalar(0.03),
        scalar(0, "int8"),
        scalar(0.5),
        scalar(110, "uint8"),
      ],
      {},
      { tolerance: STEP },
    ),
  );
  return cases;
}

function products(): Case[] {
  const cases: Case[] = [];
  for (const { a, b } of grid({ a: ["uint8", "int8"] as DType[], b: ["uint8", "int8"] as DType[] })) {
    for (const [left, right] of [
      [
        [3, 4],
        [4, 5],
      ],
      [
        [2, 3, 4],
        [4, 5],
      ],
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      [[4], [4, 5]],
    ] as [number[], number[]][]) {
      cases.push(
        operatorCase("MatMulInteger", [
          q(a, ...left),
          q(b, ...right),
          scalar(7, a),
          scalar(b === "int8" ? 1 : 9, b),
        ]),
      );
      cases.push(operatorCase("MatMulInteger", [q(a, ...left), q(b, ...right)]));
      const inputs = [
        q(a, ...left),
        scalar(0.02),
        scalar(7, a),
        q(b, ...right),
        scalar(0.03),
        scalar(b === "int8" ? 0 : 128, b),
        scalar(0.4),
        scalar(5, a),
      ];
      cases.push(operatorCase("QLinearMatMul", inputs, {}, { tolerance: STEP }));
    }
    cases.push(operatorCase("MatMulInteger", [q(a, 3, 4), q(b, 4, 5), scalar(7, a), zeros(b, 5)]));
    cases.push(
      operatorCase(
        "QLinearMatMul",
        [
          q(a, 3, 4),
          scalar(0.02),
          scalar(7, a),
          q(b, 4, 5),
          scales(5),
          numbers(b, [5], Array(5).fill(3)),
          scalar(0.4),
          scalar(5, a),
        ],
        {},
        { tolerance: STEP },
      ),
    );
  }
  return cases;
}

export const cases = (): Case[] => [...linear(), ...convolutions(), ...products()];
