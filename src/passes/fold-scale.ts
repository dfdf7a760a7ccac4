import { viewData } from "../dtype.ts";
import { editGraph, type GraphEdit } from "../graph/edit.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { copyBytes, elementCount, lazyTensor, type TensorData } from "../tensor.ts";
import { absorb } from "./absorb.ts";

/** y = scale[c]·x + shift[c]: what BatchNormalization and constant per-channel Mul, Div, Add and Sub do at inference. */
interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/**
 * Folds a per-channel affine node that alone reads a convolution (or a BatchNormalization) into its parameters.
 * BatchNormalization: https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
 */
export function foldScale(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    const source = affineInput(node, edit);
    const host = source === undefined ? undefined : edit.writer(source);
    if (source === undefined || host === undefined || edit.soleReader(source) !== node) return;
    if (host.activation !== undefined || [...node.outputs, ...host.outputs.slice(1)].slice(1).some(Boolean))
      return;
    const inputs = isConvolution(host, edit)
      ? foldIntoConvolution(host, node, edit)
      : foldIntoNormalization(host, node, edit);
    if (inputs === undefined) return;
    absorb(edit, host, node, { ...host, inputs });
  });
  return edit.close();
}

/** The inputs of a convolution that does the affine node's work too; undefined where it cannot. */
function foldIntoConvolution(conv: Node, node: Node, edit: GraphEdit): string[] | undefined {
  const [x, base, biasName] = conv.inputs as [string, string, string?];
  const weight = edit.constant(base) as TensorData<"float32">;
  const channelAxis = conv.op === "ConvTranspose" ? 1 : 0;
  const channels = outputChannels(conv, weight);
  const affine = channelAffine(node, edit, channels);
  if (affine === undefined) return undefined;
  const bias = biasName ? edit.constant(biasName) : undefined;
  if (biasName && bias === undefined) return undefined;
  const group = channelAxis === 1 ? ((conv.attributes.group as number | undefined) ?? 1) : 1;
  return [
    x,
    isOnes(affine.scale)
      ? base
      : edit.addConstant(base, scaleWeight(weight, affine.scale, channelAxis, group)),
    edit.addConstant(`${base}/bias`, scaleBias(bias as TensorData<"float32"> | undefined, affine)),
  ];
}

/** The inputs of a BatchNormalization (gamma, beta, mean, variance) followed by another affine node. */
function foldIntoNormalization(norm: Node, node: Node, edit: GraphEdit): string[] | undefined {
  if (norm.op !== "BatchNormalization" || norm.domain !== "" || norm.attributes.trainingMode)
    return undefined;
  const [x, gammaName, betaName, ...statistics] = norm.inputs as [string, string, string, ...string[]];
  const [gamma, beta] = [edit.constant(gammaName), edit.constant(betaName)];
  if (gamma?.dtype !== "float32" || beta?.dtype !== "float32") return undefined;
  const affine = channelAffine(node, edit, gamma.data.length);
  if (affine === undefined) return undefined;
  const scale = { scale: affine.scale, shift: new Float64Array(affine.scale.length) };
  return [
    x,
    edit.addConstant(gammaName, scaleBias(gamma as TensorData<"float32">, scale)),
    edit.addConstant(betaName, scaleBias(beta as TensorData<"float32">, affine)),
    ...statistics,
  ];
}

const isOnes = (scale: Float64Array): boolean => scale.every((value) => value === 1);

function isConvolution(conv: Node, edit: GraphEdit): boolean {
  if (conv.domain !== "" || (conv.op !== "Conv" && conv.op !== "ConvTranspose")) return false;
  if (conv.inputs.length > 3) return false;
  return edit.constant(conv.inputs[1] as string)?.dtype === "float32";
}

function outputChannels(conv: Node, weight: TensorData): number {
  const group = (conv.attributes.group as number | undefined) ?? 1;
  return conv.op === "Conv" ? (weight.dims[0] as number) : (weight.dims[1] as number) * group;
}

/** The data input of a node that may be a per-channel affine map. */
function affineInput(node: Node, edit: GraphEdit): string | undefined {
  if (node.domain !== "") return undefined;
  if (node.op === "BatchNormalization") return node.attributes.trainingMode ? undefined : node.inputs[0];
  if (!["Mul", "Add", "Sub", "Div"].includes(node.op)) return undefined;
  const [a, b] = node.inputs as [string, string];
  if (edit.constant(b) !== undefined) return a;
  if (edit.constant(a) !== undefined && (node.op === "Mul" || node.op === "Add")) return b;
  return undefined;
}

function channelAffine(node: Node, edit: GraphEdit, channels: number): ChannelAffine | undefined {
  return node.op === "BatchNormalization"
    ? batchNorm(node, edit, channels)
    : elementwise(node, edit, channels);
}

function batchNorm(node: Node, edit: GraphEdit, channels: number): ChannelAffine | undefined {
  const parameters = node.inputs.slice(1, 5).map((name) => edit.constant(name));
  if (parameters.some((data) => data?.dtype !== "float32" || data.data.length !== channels)) return undefined;
  const [gamma, beta, mean, variance] = parameters.map((data) => data?.data as Float32Array) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const epsilon = node.attributes.epsilon as number;
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt((variance[c] as number) + epsilon));
  const shift = Float64Array.from(beta, (value, c) => value - (mean[c] as number) * (scale[c] as number));
  return { scale, shift };
}

/** A constant of dims [C,1,1] or [1,C,1,1] (ones but at the channel axis), or a single element. */
function elementwise(node: Node, edit: GraphEdit, channels: number): ChannelAffine | undefined {
  const [a, b] = node.inputs as [string, string];
  const constant = edit.constant(b) ?? edit.constant(a);
  const image = edit.fact(edit.constant(b) === undefined ? b : a);
  const rank = image?.dims?.length;
  if (constant?.dtype !== "float32" || rank === undefined || rank < 3 || constant.dims.length > rank)
    return undefined;
  if (node.attributes.broadcast) return undefined;
  const channelAt = constant.dims.length - rank + 1;
  if (constant.dims.some((dim, axis) => dim !== 1 && axis !== channelAt)) return undefined;
  const values = constant.data as Float32Array;
  if (values.length !== 1 && values.length !== channels) return undefined;
  const scale = new Float64Array(channels).fill(1);
  const shift = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const value = values[values.length === 1 ? 0 : c] as number;
    if (node.op === "Mul") scale[c] = value;
    else if (node.op === "Div") scale[c] = 1 / value;
    else shift[c] = node.op === "Sub" ? -value : value;
  }
  return { scale, shift };
}

/**
 * The weight times a factor for each output channel, made when it is packed: a folded network keeps its weights once.
 * Conv weights are [outC, inC/group, …]; ConvTranspose's are [inC, outC/group, …].
 */
function scaleWeight(
  weight: TensorData<"float32">,
  scale: Float64Array,
  channelAxis: number,
  group: number,
): TensorData<"float32"> {
  const { dims } = weight;
  const count = elementCount(dims);
  const channels = dims[channelAxis] as number;
  const outer = channelAxis === 1 ? (dims[0] as number) : 1;
  const inner = count / (outer * channels);
  const groupRows = outer / group;
  return lazyTensor("float32", dims, (target) => {
    copyBytes(weight, target);
    const values = viewData("float32", target, count) as Float32Array;
    let at = 0;
    for (let row = 0; row < outer; row++) {
      const first = channelAxis === 1 ? Math.floor(row / groupRows) * channels : 0;
      for (let c = 0; c < channels; c++) {
        const factor = scale[first + c] as number;
        for (let end = at + inner; at < end; at++) values[at] = (values[at] as number) * factor;
      }
    }
  });
}

function scaleBias(
  bias: TensorData<"float32"> | undefined,
  { scale, shift }: ChannelAffine,
): TensorData<"float32"> {
  const data = Float32Array.from(shift, (value, c) => (bias?.data[c] ?? 0) * (scale[c] as number) + value);
  return { dtype: "float32", dims: [data.length], data };
}
