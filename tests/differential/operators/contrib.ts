import type { DType } from "../../../src/dtype.ts";
import { type AttributeSpec, float } from "../../support/onnx-model.ts";
import { type Case, grid, numbers, operatorCase, type Setting, scalar, source } from "./case.ts";

const random = source("contrib");
const f = (...dims: number[]) => random.tensor("float32", dims);
const q = (dtype: DType, ...dims: number[]) =>
  random.tensor(dtype, dims, dtype === "int8" ? -100 : 0, dtype === "int8" ? 100 : 200);
const STEP = { rtol: 1e-4, atol: 1e-5, steps: 1 };

const contrib = (
  op: string,
  inputs: Parameters<typeof operatorCase>[1],
  attributes: Record<string, AttributeSpec> = {},
  setting: Setting = {},
): Case => operatorCase(op, inputs, attributes, { opset: 1, domain: "com.microsoft", ...setting });

function fused(): Case[] {
  const cases: Case[] = [];
  const activations: Record<string, AttributeSpec>[] = [
    {},
    { activation: "Relu" },
    { activation: "Sigmoid" },
    { activation: "Tanh" },
    { activation: "LeakyRelu", activation_params: float([0.2]) },
    { activation: "Clip", activation_params: float([-0.1, 0.4]) },
    { activation: "HardSigmoid", activation_params: float([0.3, 0.4]) },
  ];
  for (const attributes of activations) {
    const image = { ...attributes, pads: [1, 1, 1, 1] };
    cases.push(contrib("FusedConv", [f(1, 3, 5, 5), f(4, 3, 3, 3), f(4)], image));
    cases.push(contrib("FusedConv", [f(1, 3, 5, 5), f(4, 3, 3, 3), f(4), f(1, 4, 5, 5)], image));
    cases.push(contrib("FusedConv", [f(1, 4, 5, 5), f(4, 1, 3, 3)], { ...image, group: 4 }));
  }
  cases.push(contrib("FusedGemm", [f(2, 3), f(3, 4), f(4)], { activation: "Relu" }));
  cases.push(
    contrib("FusedGemm", [f(2, 3), f(4, 3)], {
      activation: "LeakyRelu",
      activation_alpha: float(0.2),
      transB: 1,
    }),
  );
  cases.push(
    contrib("FusedGemm", [f(3, 2), f(3, 4), f(2, 1)], {
      activation: "HardSigmoid",
      activation_alpha: float(0.2),
      activation_beta: float(0.4),
      transA: 1,
      alpha: float(0.5),
    }),
  );
  for (const { transA, transB, alpha } of grid({ transA: [0, 1], transB: [0, 1], alpha: [1, 0.25] })) {
    const attributes = { transA, transB, alpha: float(alpha) };
    cases.push(contrib("FusedMatMul", [transA ? f(4, 3) : f(3, 4), transB ? f(5, 4) : f(4, 5)], attributes));
    cases.push(
      contrib(
        "FusedMatMul",
        [transA ? f(2, 4, 3) : f(2, 3, 4), transB ? f(2, 5, 4) : f(2, 4, 5)],
        attributes,
      ),
    );
  }
  return cases;
}

function activations(): Case[] {
  const x = () => random.tensor("float32", [2, 3, 4], -3, 3);
  const cases = [
    contrib("Gelu", [x()]),
    contrib("FastGelu", [x()]),
    contrib("FastGelu", [x(), f(4)]),
    contrib("BiasGelu", [x(), f(4)]),
    contrib("QuickGelu", [x()]),
    contrib("QuickGelu", [x()], { alpha: float(1) }),
    contrib("ExpandDims", [f(2, 3), numbers("int32", [], [1])]),
    contrib("ExpandDims", [f(2, 3), numbers("int32", [], [-1])]),
    contrib("SkipLayerNormalization", [f(2, 3, 4), f(2, 3, 4), f(4), f(4), f(4)]),
    contrib("SkipLayerNormalization", [f(2, 3, 4), f(2, 3, 4), f(4)], { epsilon: float(0.01) }),
    contrib(
      "SkipLayerNormalization",
      [f(2, 3, 4), f(2, 3, 4), f(4), f(4)],
      {},
      { outputs: ["y", "", "", "sum"] },
    ),
    contrib(
      "SkipSimplifiedLayerNormalization",
      [f(2, 3, 4), f(2, 3, 4), f(4)],
      {},
      { outputs: ["y", "", "", "sum"] },
    ),
    operatorCase("SimplifiedLayerNormalization", [f(2, 3, 4), f(4)], { axis: -1, epsilon: float(0.001) }),
    operatorCase(
      "ImageScaler",
      [f(1, 3, 2, 2)],
      { bias: float([0.1, 0.2, 0.3]), scale: float(2) },
      { opset: 7 },
    ),
  ];
  return cases;
}

function quantized(): Case[] {
  const cases: Case[] = [];
  const setting = { tolerance: STEP };
  for (const dtype of ["uint8", "int8"] as DType[]) {
    const zero = (value: number) => scalar(dtype === "int8" ? value : value + 128, dtype);
    const x = q(dtype, 1, 3, 6, 6);
    const from = [scalar(0.02), zero(3)];
    for (const op of ["QLinearAdd", "QLinearMul"]) {
      cases.push(
        contrib(
          op,
          [x, ...from, q(dtype, 1, 3, 6, 6), scalar(0.03), zero(-2), scalar(0.06), zero(1)],
          {},
          setting,
        ),
      );
      cases.push(
        contrib(
          op,
          [x, ...from, q(dtype, 3, 1, 1), scalar(0.03), zero(-2), scalar(0.06), zero(1)],
          {},
          setting,
        ),
      );
    }
    cases.push(contrib("QLinearSigmoid", [x, ...from, scalar(1 / 256), zero(0)], {}, setting));
    cases.push(
      contrib("QLinearLeakyRelu", [x, ...from, scalar(0.02), zero(0)], { alpha: float(0.1) }, setting),
    );
    cases.push(
      contrib(
        "QLinearSoftmax",
        [q(dtype, 2, 7), ...from, scalar(1 / 256), zero(0)],
        { axis: -1, opset: 13 },
        setting,
      ),
    );
    cases.push(
      contrib(
        "QLinearConcat",
        [scalar(0.03), zero(1), x, ...from, q(dtype, 1, 2, 6, 6), scalar(0.04), zero(2)],
        { axis: 1 },
        setting,
      ),
    );
    cases.push(
      contrib("QLinearGlobalAveragePool", [x, ...from, scalar(0.01), zero(0)], { channels_last: 0 }, setting),
    );
    for (const attributes of [
      {},
      { pads: [1, 1, 1, 1], count_include_pad: 1 },
      { strides: [2, 2], ceil_mode: 1 },
      { pads: [1, 0, 0, 1] },
    ]) {
      cases.push(
        contrib(
          "QLinearAveragePool",
          [x, ...from, scalar(0.015), zero(0)],
          { kernel_shape: [3, 3], ...attributes },
          setting,
        ),
      );
    }
    cases.push(
      contrib(
        "QLinearAveragePool",
        [q(dtype, 1, 6, 6, 3), ...from, scalar(0.015), zero(0)],
        { kernel_shape: [2, 2], channels_last: 1 },
        setting,
      ),
    );
    cases.push(
      contrib(
        "QuantizeLinear",
        [random.tensor("float32", [2, 3], -3, 3), scalar(0.02), zero(1)],
        {},
        setting,
      ),
    );
    cases.push(contrib("DequantizeLinear", [q(dtype, 2, 3), scalar(0.02), zero(1)]));
    cases.push(
      contrib(
        "QGemm",
        [
          q(dtype, 2, 4),
          scalar(0.02),
          zero(1),
          q("int8", 4, 3),
          scalar(0.03),
          scalar(0, "int8"),
          random.tensor("int32", [3], -99, 99),
          scalar(0.1),
          zero(0),
        ],
        {},
        setting,
      ),
    );
    cases.push(
      contrib(
        "QGemm",
        [
          q(dtype, 2, 4),
          scalar(0.02),
          zero(1),
          q("int8", 3, 4),
          scalar(0.03),
          scalar(0, "int8"),
          undefined,
          scalar(0.1),
          zero(0),
        ],
        { transB: 1 },
        setting,
      ),
    );
    cases.push(
      contrib("MatMulIntegerToFloat", [
        q("uint8", 2, 4),
        q(dtype, 4, 3),
        scalar(0.02),
        scalar(0.03),
        scalar(100, "uint8"),
        zero(1),
      ]),
    );
    cases.push(
      contrib("MatMulIntegerToFloat", [
        q("uint8", 2, 4),
        q(dtype, 4, 3),
        scalar(0.02),
        random.tensor("float32", [3], 0.01, 0.05),
        undefined,
        undefined,
        f(3),
      ]),
    );
    cases.push(
      contrib(
        "DynamicQuantizeMatMul",
        [f(2, 4), q(dtype, 4, 3), scalar(0.03), zero(1), f(3)],
        {},
        { tolerance: { rtol: 1e-3, atol: 1e-3 } },
      ),
    );
    cases.push(
      contrib(
        "DynamicQuantizeMatMul",
        [f(2, 4), q(dtype, 4, 3), random.tensor("float32", [3], 0.01, 0.05)],
        {},
        { tolerance: { rtol: 1e-3, atol: 1e-3 } },
      ),
    );
  }
  for (const dtype of ["uint16", "int16"] as DType[]) {
    cases.push(
      contrib("QuantizeLinear", [random.tensor("float32", [5], -3, 3), scalar(0.001), scalar(9, dtype)]),
    );
    cases.push(
      contrib("DequantizeLinear", [random.tensor(dtype, [5], 0, 999), scalar(0.001), scalar(9, dtype)]),
    );
  }
  cases.push(
    contrib(
      "QuantizeLinear",
      [
        random.tensor("float32", [2, 3], -3, 3),
        random.tensor("float32", [2], 0.02, 0.05),
        numbers("int8", [2], [1, 2]),
      ],
      { axis: 0 },
    ),
  );
  return cases;
}

export const cases = (): Case[] => [...fused(), ...activations(), ...quantized()];
