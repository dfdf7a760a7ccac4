import { describe, expect, test } from "vitest";
import type { DType } from "../src/dtype.ts";
import type { Dim } from "../src/graph/graph.ts";
import { InferenceSession, LanewiseError } from "../src/index.ts";
import { type AttributeSpec, float, model, node } from "./support/onnx-model.ts";

type Input = readonly [dtype: DType, ...dims: Dim[]];

const F = (...dims: Dim[]): Input => ["float32", ...dims];
const I = (...dims: Dim[]): Input => ["int64", ...dims];
const BYTE = (...dims: Dim[]): Input => ["uint8", ...dims];

interface Case {
  readonly op: string;
  readonly inputs: readonly Input[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly says: RegExp;
  readonly domain?: string;
}

const wrong = (
  op: string,
  inputs: readonly Input[],
  attributes: Readonly<Record<string, AttributeSpec>>,
  says: RegExp,
  domain?: string,
): Case => ({ op, inputs, attributes, says, ...(domain !== undefined && { domain }) });

const image = F(1, 4, 8, 8);

/** What a model may get wrong of one node; all of it is known before anything runs. */
const ATTRIBUTES: readonly Case[] = [
  wrong("Conv", [image, F(4, 4, 3, 3)], { strides: [1, 1, 1] }, /strides/),
  wrong("Conv", [image, F(4, 4, 3, 3)], { strides: [0, 1] }, /strides/),
  wrong("Conv", [image, F(4, 4, 3, 3)], { pads: [1, 1] }, /pads/),
  wrong("Conv", [image, F(4, 4, 3, 3)], { auto_pad: "SOMEHOW" }, /auto_pad.*SOMEHOW/),
  wrong("Conv", [image, F(4, 4, 3, 3)], { group: 0 }, /group/),
  wrong("Conv", [image, F(4, 4, 3, 3)], { kernel_shape: [5, 5] }, /kernel_shape/),
  wrong("Conv", [image, F(4, 4, 3, 3)], { strides: "two" }, /attribute strides must be ints, got string/),
  wrong("ConvTranspose", [image, F(4, 2, 3, 3)], { output_shape: [9] }, /output_shape/),
  wrong("MaxPool", [image], { kernel_shape: [3] }, /kernel_shape/),
  wrong("MaxPool", [image], {}, /kernel_shape is missing/),
  wrong("AveragePool", [image], { kernel_shape: [2, 2], pads: [0, 0, -1, 0] }, /pads/),
  wrong("Clip", [image, F(5)], {}, /one value each, got \[5\]/),
  wrong("Clip", [image, F(), F(0)], {}, /one value each, got \[0\]/),
  wrong("Transpose", [image], { perm: [0, 1, 2] }, /perm/),
  wrong("Transpose", [image], { perm: [0, 1, 1, 2] }, /perm/),
  wrong("Concat", [image, image], { axis: 4 }, /axis 4/),
  wrong("Softmax", [image], { axis: -5 }, /axis -5/),
  wrong("Gather", [image, I(2)], { axis: 9 }, /axis 9/),
  wrong("Flatten", [image], { axis: 7 }, /axis 7/),
  wrong("DepthToSpace", [image], { blocksize: 3 }, /blocksize|block/),
  wrong("DepthToSpace", [image], { blocksize: 0 }, /blocksize/),
  wrong("SpaceToDepth", [image], { blocksize: 3 }, /blocksize|block/),
  wrong("SpaceToDepth", [image], { blocksize: 0 }, /blocksize/),
  wrong("DepthToSpace", [image], { blocksize: 2, mode: "XYZ" }, /mode.*XYZ/),
  wrong("Resize", [image], { mode: "best" }, /mode.*best/),
  wrong("Pad", [image, I(8)], { mode: "mirror" }, /mode.*mirror/),
  wrong("Cast", [image], { to: 99 }, /99/),
  wrong("Cast", [image], { to: 17, round_mode: "sideways" }, /round_mode.*sideways/),
  wrong("ReduceSum", [image, I(1)], { keepdims: float(1.5) }, /keepdims must be int, got float/),
  wrong("TopK", [image, I(1)], { axis: 8 }, /axis 8/),
  wrong("LSTM", [F(3, 1, 4), F(1, 8, 4), F(1, 8, 2)], { hidden_size: 2, direction: "up" }, /direction.*up/),
  wrong("GroupNormalization", [image, F(4), F(4)], { num_groups: 3 }, /groups/),
  wrong("LRN", [image], { size: 0 }, /size/),
  wrong("QuantizeLinear", [image, F(3), BYTE(3)], { axis: 1 }, /scale/),
  wrong("Einsum", [F(2, 3), F(3, 4)], { equation: "ij,jk->il" }, /l/),
  wrong("Gelu", [image], { approximate: "some" }, /approximate.*some/),
  wrong("GridSample", [image, F(1, 3, 3, 2)], { padding_mode: "wrap" }, /padding_mode.*wrap/),
  wrong("Split", [image], { axis: 1, num_outputs: 0 }, /num_outputs/),
  wrong("NonMaxSuppression", [F(1, 5, 4), F(1, 2, 5)], { center_point_box: 2 }, /center_point_box/),
  wrong("Normalizer", [F(2, 3)], { norm: "L7" }, /norm.*L7/, "ai.onnx.ml"),
  wrong("Relu", [image], { alpha: float(1.5) }, /unknown attribute "alpha"/),
];

const SHAPES: readonly Case[] = [
  wrong("Conv", [image, F(4, 3, 3, 3)], {}, /4|3/),
  wrong("Conv", [image, F(4, 4, 3, 3), F(5)], {}, /bias|5/),
  wrong("Conv", [image, F(4, 4, 3)], {}, /rank|axes|\[4, 4, 3\]/),
  wrong("Conv", [F(1, 4, 2, 2), F(4, 4, 3, 3)], {}, /.*/),
  wrong("MatMul", [F(2, 3), F(4, 5)], {}, /3.*4/),
  wrong("Gemm", [F(2, 3), F(4, 5)], {}, /3.*4/),
  wrong("Gemm", [F(2, 3, 1), F(3, 5)], {}, /.*/),
  wrong("Gemm", [F(2, 3), F(3, 5), F(4)], {}, /4/),
  wrong("Add", [F(2, 3), F(2, 4)], {}, /\[2, ?3\].*\[2, ?4\]/),
  wrong("Where", [["bool", 2], F(3), F(3)], {}, /2.*3/),
  wrong("Concat", [F(2, 3), F(2, 3, 1)], { axis: 0 }, /rank|axes|dims/),
  wrong("Concat", [F(2, 3), F(2, 4)], { axis: 0 }, /3.*4/),
  wrong("BatchNormalization", [image, F(3), F(4), F(4), F(4)], {}, /3|4/),
  wrong("InstanceNormalization", [image, F(3), F(4)], {}, /3|4/),
  wrong("LayerNormalization", [F(2, 6), F(5)], {}, /5|6/),
  wrong("PRelu", [image, F(3, 1, 1)], {}, /3/),
  wrong("GlobalAveragePool", [F(4)], {}, /.*/),
  wrong("MaxPool", [F(1, 4, 2, 2)], { kernel_shape: [3, 3] }, /.*/),
  wrong("Trilu", [F(4)], {}, /two axes/),
  wrong("LSTM", [F(3, 1, 4), F(1, 8, 5), F(1, 8, 2)], { hidden_size: 2 }, /4|5/),
  wrong("Expand", [F(2, 3), I(2, 2)], {}, /.*/),
  wrong("GatherND", [F(2, 3), I(1, 3)], {}, /.*/),
  wrong("ScatterND", [F(4), I(2, 1), F(3)], {}, /.*/),
  wrong("GatherElements", [F(2, 3), I(2)], {}, /.*/),
  wrong("ScatterElements", [F(2, 3), I(2, 2), F(2, 3)], {}, /.*/),
  wrong("RoiAlign", [image, F(2, 3), I(2)], {}, /4/),
  wrong("OneHot", [I(3), I(2), F(2)], {}, /depth/),
  wrong("ConvInteger", [BYTE(1, 4, 8, 8), BYTE(2, 3, 3, 3)], {}, /4|3/),
  wrong("MatMulInteger", [BYTE(2, 3), BYTE(4, 5)], {}, /3.*4/),
  wrong("DequantizeLinear", [BYTE(2, 3), F(2), BYTE(3)], { axis: 0 }, /scale|zero point/),
];

const DTYPES: readonly Case[] = [
  wrong(
    "Conv",
    [
      ["int32", 1, 4, 8, 8],
      ["int32", 4, 4, 3, 3],
    ],
    {},
    /int32/,
  ),
  wrong("Conv", [image, ["float64", 4, 4, 3, 3]], {}, /float64/),
  wrong("Add", [F(2), I(2)], {}, /float32.*int64|int64.*float32/),
  wrong("And", [F(2), F(2)], {}, /bool.*float32/),
  wrong("Where", [F(2), F(2), F(2)], {}, /bool|condition/),
  wrong("Where", [["bool", 2], F(2), I(2)], {}, /int64/),
  wrong("Gather", [image, F(2)], {}, /indices|float32/),
  wrong("GatherND", [image, F(1, 2)], {}, /indices|float32/),
  wrong("GatherElements", [image, image], {}, /indices|float32/),
  wrong("ScatterElements", [F(2, 2), I(2, 2), I(2, 2)], {}, /int64/),
  wrong("ScatterND", [F(4), I(2, 1), I(2)], {}, /int64/),
  wrong("Reshape", [image, F(2)], {}, /shape|float32/),
  wrong("Expand", [image, F(4)], {}, /shape|float32/),
  wrong("Tile", [image, F(4)], {}, /repeats|float32/),
  wrong("Slice", [image, F(1), F(1)], {}, /starts|float32/),
  wrong("Pad", [image, F(8)], {}, /pads|float32/),
  wrong("Unsqueeze", [image, F(1)], {}, /axes|float32/),
  wrong("Squeeze", [image, F(1)], {}, /axes|float32/),
  wrong("ReduceSum", [image, F(1)], {}, /axes|float32/),
  wrong("TopK", [image, F(1)], {}, /k|float32/),
  wrong("Concat", [F(2), I(2)], { axis: 0 }, /int64/),
  wrong("Max", [F(2), I(2)], {}, /int64/),
  wrong("Clip", [F(2), I()], {}, /int64/),
  wrong("Not", [F(2)], {}, /bool/),
  wrong("Relu", [["string", 2]], {}, /string/),
  wrong("Softmax", [I(2, 2)], {}, /int64/),
  wrong("QuantizeLinear", [["string", 2], F()], {}, /string/),
  wrong("DequantizeLinear", [F(2), F()], {}, /float32/),
  wrong("MatMulInteger", [F(2, 2), BYTE(2, 2)], {}, /float32/),
  wrong("QLinearConv", [image, F(), BYTE(), BYTE(2, 4, 3, 3), F(), BYTE(), F(), BYTE()], {}, /float32/),
  wrong("LSTM", [I(3, 1, 4), I(1, 8, 4), I(1, 8, 2)], { hidden_size: 2 }, /int64/),
  wrong("Range", [F(), I(), F()], {}, /int64/),
  wrong("OneHot", [["string", 3], I(), F(2)], {}, /string/),
  wrong("BitShift", [F(2), F(2)], { direction: "LEFT" }, /float32/),
  wrong("IsNaN", [I(2)], {}, /int64/),
];

describe.each([
  ["attributes", ATTRIBUTES],
  ["shapes", SHAPES],
  ["dtypes", DTYPES],
] as const)("nodes with wrong %s are refused before anything runs", (_, cases) => {
  test.each(cases.map((one, i) => ({ ...one, title: `${one.op} ${one.says.source}`, i })))(
    "$i: $title",
    async ({ op, inputs, attributes, says, domain }) => {
      const names = inputs.map((_input, i) => `i${i}`);
      const bytes = model({
        inputs: Object.fromEntries(inputs.map(([dtype, ...dims], i) => [`i${i}`, { dtype, dims }])),
        nodes: [{ ...node(op, names, ["y"], attributes), name: "culprit", ...(domain && { domain }) }],
        outputs: ["y"],
        opset: { "": 22, "ai.onnx.ml": 3 },
      });
      const error = await InferenceSession.create(bytes).then(
        (session) => session.release(),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(LanewiseError);
      expect((error as LanewiseError).code).toMatch(/^ERR_(SHAPE|DTYPE|MODEL)$/);
      expect((error as Error).message).toContain(`${op} "culprit"`);
      expect((error as Error).message).toMatch(says);
      expect((error as Error).message).not.toMatch(/inference failed|undefined|\bNaN\b/);
    },
  );
});
