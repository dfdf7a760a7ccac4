import { toNumberArray, toNumbers } from "../../../src/ops/shared/elements.ts";
import type { TensorData } from "../../../src/tensor.ts";
import type { AttributeSpec } from "../../support/onnx-model.ts";
import type { Case } from "../operators/case.ts";

/** A difference from onnxruntime that stays: where it comes from, and who is right. */
export interface Explanation {
  readonly ops: readonly string[];
  readonly when: (given: Case) => boolean;
  readonly reason: string;
}

/** What onnxruntime's answer to a case is no measure of, or undefined. */
export const explanationOf = (op: string, given: Case): Explanation | undefined =>
  EXPLAINED.find(({ ops, when }) => ops.includes(op) && when(given));

const input = ({ feeds }: Case, at: number): TensorData | undefined => feeds[`x${at}`];
const attribute = ({ spec }: Case, name: string): AttributeSpec | undefined =>
  spec.nodes[0]?.attributes?.[name];
const list = (given: Case, name: string): readonly number[] =>
  (attribute(given, name) as readonly number[]) ?? [];
const isWhole = (given: Case): boolean => !input(given, 0)?.dtype.startsWith("float");
const has = (tensor: TensorData | undefined, test: (x: number) => boolean): boolean =>
  tensor?.dtype.startsWith("float") === true && toNumbers(tensor).some(test);
const hasNaN = (given: Case): boolean =>
  Object.values(given.feeds).some((tensor) => has(tensor, Number.isNaN));
const isEmpty = (given: Case): boolean => input(given, 0)?.dims.includes(0) === true;
const isSame = (given: Case): boolean => String(attribute(given, "auto_pad")).startsWith("SAME");
const isDilated = (given: Case): boolean => list(given, "dilations").some((dilation) => dilation > 1);

const REDUCTIONS = [
  "ReduceL1",
  "ReduceL2",
  "ReduceLogSum",
  "ReduceLogSumExp",
  "ReduceMax",
  "ReduceMean",
  "ReduceMin",
  "ReduceProd",
  "ReduceSum",
  "ReduceSumSquare",
];

/** Axes of a reduction, whether attribute or input. */
const axesOf = (given: Case): readonly number[] => {
  const second = input(given, 1);
  return second === undefined ? list(given, "axes") : toNumberArray(second);
};

export const EXPLAINED: readonly Explanation[] = [
  {
    ops: ["Sign"],
    when: (given) => input(given, 0)?.dtype === "float16" && hasNaN(given),
    reason:
      "The text speaks of numbers above, below and at 0; NaN stays NaN here, as in numpy and in onnxruntime's own float32 kernel. Its float16 kernel gives 0.",
  },
  {
    ops: ["Gather"],
    when: (given) => input(given, 0)?.dtype === "string",
    reason:
      "onnxruntime copies one string of each block that an index picks and leaves the others of the block empty.",
  },
  {
    ops: REDUCTIONS,
    when: (given) => isEmpty(given) && axesOf(given).some((axis) => axis < 0),
    reason:
      "Of a tensor without elements onnxruntime reduces the axes without counting negative ones from the end: the reduced dim stays.",
  },
  {
    ops: ["ReduceMax", "ReduceMin", "ReduceLogSumExp"],
    when: hasNaN,
    reason:
      "NaN among the elements makes the result NaN, as in numpy, by which ONNX's reference goes. In onnxruntime it depends on where the NaN stands.",
  },
  {
    ops: ["ReduceLogSumExp"],
    when: isWhole,
    reason: "onnxruntime rounds each exponential of integers to an integer before it sums them.",
  },
  {
    ops: ["AveragePool", "LpPool", "MaxPool"],
    when: (given) => isSame(given) && isDilated(given),
    reason:
      "SAME gives ceil(input / stride) by the text; onnxruntime pads for the kernel as if it were not dilated (its Conv refuses SAME with dilations).",
  },
  {
    ops: ["Col2Im"],
    when: (given) => isDilated(given) && input(given, 1)?.dims[0] !== 2,
    reason:
      "onnxruntime counts the blocks of images that are not 2-D without the dilation (microsoft/onnxruntime issue 18156).",
  },
  {
    ops: ["MaxUnpool"],
    when: (given) => input(given, 2) !== undefined,
    reason:
      "By ONNX's test maxunpool_export_with_output_shape indices count in the dims that the attributes imply, and output_shape puts zeros around; onnxruntime counts in output_shape (onnx/onnx issue 2398).",
  },
  {
    ops: ["AffineGrid"],
    when: (given) =>
      attribute(given, "align_corners") === 1 &&
      toNumberArray(input(given, 1) as TensorData)
        .slice(2)
        .includes(1),
    reason:
      "A single point cannot be at both corners; it is at -1 here, where onnxruntime has it at 1. The text's step is 2 / 0.",
  },
  {
    ops: ["MatMulInteger", "QLinearMatMul"],
    when: (given) => input(given, 0)?.dims.at(-1) === 0,
    reason:
      "The sum of no products is 0 (quantized: the zero point); onnxruntime leaves its output as it found it.",
  },
  {
    ops: ["MaxPool"],
    when: (given) => has(input(given, 0), (x) => x === -Infinity),
    reason:
      "The largest of -Infinity alone is -Infinity; onnxruntime begins at the least finite number and stays there.",
  },
  {
    ops: ["Resize"],
    when: (given) => input(given, 0)?.dtype === "int8" && attribute(given, "antialias") === 1,
    reason:
      "onnxruntime cuts int8 off at 0 as it does uint8 where it resizes with antialias; int8 goes down to -128.",
  },
  {
    ops: ["Unique"],
    when: hasNaN,
    reason:
      "The text says nothing of NaN, which equals nothing: each is a value of its own here. onnxruntime orders by <, by which NaN merges with what it meets.",
  },
];
