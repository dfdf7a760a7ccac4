import { numberIn, objectOf, SHARE } from "../arguments.ts";
import type { DType } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import { concreteDims, type Fact } from "../graph/graph.ts";
import type { GraphBuilder } from "../nn/build.ts";
import { type TensorData, tensorData } from "../tensor.ts";
import { checkTensor } from "./check-network.ts";
import { DataError } from "./data/data-error.ts";
import { scalarConstant } from "./scalar-constant.ts";

/** Labels as a loss takes them; `classes` says how many there are, where they are indices of classes. */
export interface LabelSpec {
  /** int32 for classes, float32 for numbers. */
  readonly dtype: DType;
  /** With the batch first. */
  readonly dims: readonly number[];
  /** How many classes there are, where labels are classes. */
  readonly classes?: number;
}

/** Throws a UsageError for labels of another form, a DataError for one that is none of the classes. */
export function checkLabels(name: string, labels: TensorData, { dtype, dims, classes }: LabelSpec): void {
  checkTensor(name, labels, dtype, dims);
  if (classes === undefined) return;
  const data = labels.data as Int32Array;
  const at = data.findIndex((label) => label < 0 || label >= classes);
  if (at >= 0) throw new DataError(name, `number ${at} is ${data[at]}, expected 0 to ${classes - 1}`);
}

/** How far a network's output is from its labels, as nodes of a graph. */
export interface Loss {
  /** Stands in errors and checkpoints. */
  readonly name: string;
  /** What the labels of a batch are, for an output of the given dims (batch first). */
  labels(output: readonly number[]): LabelSpec;
  /**
   * Adds the loss to a graph: the name of a scalar, the mean over the batch.
   *
   * @param output - The name of the network's output.
   * @param labels - The name of the input that has the labels.
   */
  build(builder: GraphBuilder, output: string, labels: string): string;
}

const sameAsOutput = (output: readonly number[]) => ({ dtype: "float32" as const, dims: output });

/**
 * Cross-entropy between softmax(scores[N, C]) and classes [N], or of each place of maps: scores [N, C, …] and label maps
 * [N, …], as segmentation has them, and the mean is over all places. The network's output are the scores, without a
 * softmax.
 *
 * @param options.labelSmoothing - ε as in Szegedy et al. 2016, section 7; 0 by default.
 */
export function softmaxCrossEntropy(options: { readonly labelSmoothing?: number } = {}): Loss {
  const { labelSmoothing = 0 } = objectOf("softmaxCrossEntropy: the options", options);
  numberIn("softmaxCrossEntropy: labelSmoothing", labelSmoothing, SHARE);
  return {
    name: "softmaxCrossEntropy",
    labels: (output) => ({
      dtype: "int32",
      dims: labelMapDims("softmaxCrossEntropy", output),
      classes: output[1] as number,
    }),
    build(builder, output, labels) {
      const [rows, classes] = rowsOfScores(builder, output, labels);
      return builder.node(
        "SoftmaxCrossEntropy",
        [rows, classes],
        { smoothing: labelSmoothing },
        {
          domain: "lanewise",
          outputs: [builder.freshName("loss"), builder.freshName("loss gradient")],
        },
      );
    },
  };
}

/** Dims of a class for every place of scores [N, C, …]. */
export function labelMapDims(by: string, output: readonly number[]): readonly number[] {
  const [batch, classes, ...places] = output;
  if (batch === undefined || classes === undefined)
    throw new UsageError(`${by} needs scores [N, C] or [N, C, …], the network gives [${output}]`);
  return [batch, ...places];
}

/** Scores of maps as a row for each place, and their classes as a list. */
function rowsOfScores(builder: GraphBuilder, output: string, labels: string): [string, string] {
  const [, classes, ...places] = concreteDims(builder.fact(output) as Fact) as [number, number, ...number[]];
  if (places.length === 0) return [output, labels];
  const list = (base: string, ...dims: number[]): string =>
    builder.constant(builder.freshName(base), int64s(dims));
  const perm = [0, ...places.map((_, i) => i + 2), 1];
  const last = builder.node("Transpose", [output], { perm });
  return [
    builder.node("Reshape", [last, list("rows of scores", -1, classes)]),
    builder.node("Reshape", [labels, list("list of classes", -1)]),
  ];
}

const int64s = (values: readonly number[]): TensorData =>
  tensorData("int64", [values.length], BigInt64Array.from(values, BigInt));

/** The mean of (output − label)² over all elements. */
export function meanSquaredError(): Loss {
  return {
    name: "meanSquaredError",
    labels: sameAsOutput,
    build(builder, output, labels) {
      const difference = builder.node("Sub", [output, labels]);
      return builder.node("ReduceMean", [builder.node("Mul", [difference, difference])], { keepdims: 0 });
    },
  };
}

/**
 * The mean over all elements of the cross-entropy between sigmoid(output) and labels from 0 to 1. The output is taken
 * before the sigmoid: max(x, 0) − x·label + log(1 + e^−|x|) neither overflows nor loses digits.
 */
export function binaryCrossEntropy(): Loss {
  return {
    name: "binaryCrossEntropy",
    labels: sameAsOutput,
    build(builder, output, labels) {
      const node = (op: string, ...inputs: string[]): string => builder.node(op, inputs);
      const soft = node("Softplus", node("Neg", node("Abs", output)));
      const linear = node("Sub", node("Relu", output), node("Mul", output, labels));
      return builder.node("ReduceMean", [node("Add", linear, soft)], { keepdims: 0 });
    },
  };
}

/**
 * The mean over all elements of max(0, margin − label·output), for labels −1 and +1.
 *
 * @param options.margin - 1 by default.
 */
export function hinge(options: { readonly margin?: number } = {}): Loss {
  const { margin = 1 } = objectOf("hinge: the options", options);
  numberIn("hinge: margin", margin, { from: 0 });
  return {
    name: "hinge",
    labels: sameAsOutput,
    build(builder, output, labels) {
      const product = builder.node("Mul", [output, labels]);
      const gap = builder.node("Sub", [scalarConstant(builder, "margin", margin), product]);
      return builder.node("ReduceMean", [builder.node("Relu", [gap])], { keepdims: 0 });
    },
  };
}
