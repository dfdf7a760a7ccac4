import { editGraph, type GraphEdit } from "../graph/edit.ts";
import { concreteDims, type FusedActivation, type Graph, isConcrete, type Node } from "../graph/graph.ts";
import { toNumbers } from "../ops/shared/elements.ts";
import { absorb } from "./absorb.ts";

/** Adds (and Sums of two) after a convolution become its residual input: the sum starts in the kernel's accumulators. */
export function fuseResidual(graph: Graph): Graph {
  const edit = editGraph(graph);
  const order = new Map(graph.nodes.map((node, i) => [node.outputs[0], i]));
  edit.visit((node) => {
    if ((node.op !== "Add" && node.op !== "Sum") || node.domain !== "" || node.inputs.length !== 2) return;
    const [a, b] = node.inputs as [string, string];
    if (a === b || !sameConcreteDims(edit, a, b)) return;
    // Of two convolutions the later one takes the sum: the earlier one's result is there by then.
    const candidates = [a, b]
      .filter((name) => takesResidual(edit.writer(name), edit) && edit.soleReader(name) === node)
      .sort((x, y) => (order.get(y) ?? 0) - (order.get(x) ?? 0));
    const source = candidates[0];
    if (source === undefined) return;
    const conv = edit.writer(source) as Node;
    const other = source === a ? b : a;
    if (edit.constant(other) !== undefined) return;
    const inputs = [conv.inputs[0] as string, conv.inputs[1] as string, conv.inputs[2] ?? "", other];
    absorb(edit, conv, node, { ...conv, inputs });
  });
  return edit.close();
}

const takesResidual = (node: Node | undefined, edit: GraphEdit): boolean =>
  node !== undefined &&
  node.op === "Conv" &&
  node.domain === "" &&
  node.activation === undefined &&
  node.inputs.length <= 3 &&
  edit.constant(node.inputs[1] as string)?.dtype === "float32";

function sameConcreteDims(edit: GraphEdit, a: string, b: string): boolean {
  const [x, y] = [edit.fact(a), edit.fact(b)];
  return isConcrete(x) && isConcrete(y) && concreteDims(x).join() === concreteDims(y).join();
}

const HOSTS = new Set([
  "Conv",
  "ConvTranspose",
  "Gemm",
  "MatMul",
  "Add",
  "Sub",
  "Mul",
  "Div",
  "BatchNormalization",
]);

/** Activations that alone read a node with an epilogue move into it. */
export function fuseActivation(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    const activation = activationOf(node, edit);
    const source = node.inputs[0] as string;
    if (activation === undefined || edit.soleReader(source) !== node) return;
    const host = edit.writer(source);
    if (host === undefined || host.domain !== "" || !HOSTS.has(host.op) || host.activation !== undefined)
      return;
    if (host.outputs.slice(1).some((name) => name !== "") || edit.fact(source)?.dtype !== "float32") return;
    absorb(edit, host, node, { ...host, activation });
  });
  return edit.close();
}

/** What an absent bound of Clip means, to onnxruntime too. */
const FLOAT32_MAX = 3.4028234663852886e38;

/** The activation that a node applies to its first input, in the kernels' terms. */
export function activationOf(node: Node, edit: GraphEdit): FusedActivation | undefined {
  const { attributes } = node;
  const alpha = attributes.alpha as number;
  const beta = attributes.beta as number;
  if (node.domain === "lanewise" && node.op === "Silu") return { kind: "silu", alpha, beta: 0 };
  if (node.domain !== "") return undefined;
  switch (node.op) {
    case "Relu":
      return { kind: "relu", alpha: 0, beta: 0 };
    case "LeakyRelu":
      return { kind: "leakyRelu", alpha, beta: 0 };
    case "Sigmoid":
      return { kind: "sigmoid", alpha: 0, beta: 0 };
    case "HardSigmoid":
      return { kind: "hardSigmoid", alpha, beta };
    case "HardSwish":
      return { kind: "hardSwish", alpha: 0, beta: 0 };
    case "Tanh":
      return { kind: "tanh", alpha: 0, beta: 0 };
    case "Elu":
      return { kind: "elu", alpha, beta: 0 };
    case "Clip": {
      const min = clipBound(node, edit, 1, "min", -FLOAT32_MAX);
      const max = clipBound(node, edit, 2, "max", FLOAT32_MAX);
      return min === undefined || max === undefined || min > max
        ? undefined
        : { kind: "clip", alpha: min, beta: max };
    }
    default:
      return undefined;
  }
}

function clipBound(
  node: Node,
  edit: GraphEdit,
  input: number,
  attribute: string,
  fallback: number,
): number | undefined {
  if (node.opset < 11) return (node.attributes[attribute] as number | undefined) ?? fallback;
  const name = node.inputs[input];
  if (!name) return fallback;
  const bound = edit.constant(name);
  return bound === undefined ? undefined : toNumbers(bound)[0];
}
