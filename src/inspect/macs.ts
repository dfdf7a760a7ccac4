import { type Fact, isConcrete, type Node } from "../graph/graph.ts";
import { parseEquation } from "../ops/shared/einsum.ts";
import { elementCount } from "../tensor.ts";

type Dims = readonly number[];

/** What a rule sees of a node: the dims of its inputs and outputs (`[]` for one left out). */
interface Shapes {
  readonly node: Node;
  readonly inputs: readonly Dims[];
  readonly outputs: readonly Dims[];
}

const input = ({ inputs }: Shapes, index: number): Dims => inputs[index] ?? [];
const last = (dims: Dims): number => dims.at(-1) ?? 1;

/** Every output element gathers one window of all the channels of its group: w is [M, C/group, kernel…]. */
const convolution =
  (weight: number) =>
  (shapes: Shapes): number =>
    elementCount(shapes.outputs[0] ?? []) * elementCount(input(shapes, weight).slice(1));

/** Every input element is spread over one window of all the channels of its group: w is [C, M/group, kernel…]. */
const transposedConvolution = (shapes: Shapes): number =>
  elementCount(input(shapes, 0)) * elementCount(input(shapes, 1).slice(1));

const product =
  (left = 0) =>
  (shapes: Shapes): number =>
    elementCount(shapes.outputs[0] ?? []) * last(input(shapes, left));

const gemm = (shapes: Shapes): number => {
  const [rows = 1, columns = 1] = input(shapes, 0);
  const transposed = Boolean(shapes.node.attributes.transA);
  return elementCount(shapes.outputs[0] ?? []) * (transposed ? rows : columns);
};

/** Each time step of each sequence meets all of W [directions, gates × hidden, input] and R. X is [T, N, input]. */
const recurrence = (shapes: Shapes): number =>
  elementCount(input(shapes, 0).slice(0, 2)) *
  (elementCount(input(shapes, 1)) + elementCount(input(shapes, 2)));

/** One multiplication for each combination of labels. */
const einsum = ({ node, inputs }: Shapes): number => {
  const equation = parseEquation(String(node.attributes.equation ?? ""), inputs);
  return typeof equation === "string" ? 0 : elementCount([...equation.sizes.values()].map(Number));
};

const RULES: Readonly<Record<string, (shapes: Shapes) => number>> = {
  Conv: convolution(1),
  ConvInteger: convolution(1),
  DeformConv: convolution(1),
  QLinearConv: convolution(3),
  ConvTranspose: transposedConvolution,
  Gemm: gemm,
  QGemm: gemm,
  MatMul: product(),
  MatMulInteger: product(),
  QLinearMatMul: product(),
  LSTM: recurrence,
  GRU: recurrence,
  RNN: recurrence,
  Einsum: einsum,
};

/**
 * Multiply-accumulates of a node: 0 for operators that are no sums of products, undefined where a size it takes is
 * not known.
 */
export function countMacs(node: Node, fact: (name: string) => Fact | undefined): number | undefined {
  const rule = node.domain === "" || node.domain === "com.microsoft" ? RULES[node.op] : undefined;
  if (rule === undefined) return 0;
  const dims = (name: string): Dims | undefined => {
    if (name === "") return [];
    const known = fact(name);
    return isConcrete(known) ? known.dims : undefined;
  };
  const inputs = node.inputs.map(dims);
  const outputs = node.outputs.slice(0, 1).map(dims);
  // Recurrent layers may leave Y out; their count needs inputs only.
  if ([...inputs, ...outputs].some((value) => value === undefined)) return undefined;
  return rule({ node, inputs: inputs as Dims[], outputs: outputs as Dims[] });
}
