import { editGraph, type GraphEdit } from "../graph/edit.ts";
import { type Graph, type Node, sameDims } from "../graph/graph.ts";
import { activationOf, hasEpilogue } from "../ops/facets.ts";
import { absorb } from "./absorb.ts";

/** Adds (and Sums of two) after a convolution become its residual input: the sum starts in the kernel's accumulators. */
export function fuseResidual(graph: Graph): Graph {
  const edit = editGraph(graph);
  const order = new Map(graph.nodes.map((node, i) => [node.outputs[0], i]));
  edit.visit((node) => {
    if ((node.op !== "Add" && node.op !== "Sum") || node.domain !== "" || node.inputs.length !== 2) return;
    const [a, b] = node.inputs as [string, string];
    if (a === b || !sameDims(edit.fact(a), edit.fact(b))) return;
    // Of two convolutions the later one takes the sum: the earlier one's result is there by then.
    const candidates = [a, b]
      .filter((name) => takesResidual(edit.writer(name), edit) && edit.soleReader(name) === node)
      .sort((x, y) => (order.get(y) ?? 0) - (order.get(x) ?? 0));
    const source = candidates[0];
    if (source === undefined) return;
    const conv = edit.writer(source) as Node;
    const other = source === a ? b : a;
    if (edit.constant(other) !== undefined) return;
    const [x, w, bias = ""] = conv.inputs as [string, string, string?];
    absorb(edit, conv, node, { ...conv, inputs: [x, w, bias, other] });
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

/** Activations that alone read a node with an epilogue move into it. */
export function fuseActivation(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    const activation = activationOf(node, edit.fact);
    const source = node.inputs[0] as string;
    if (activation === undefined || edit.soleReader(source) !== node) return;
    const host = edit.writer(source);
    if (host === undefined || !hasEpilogue(host) || host.activation !== undefined) return;
    if (host.outputs.slice(1).some((name) => name !== "") || edit.fact(source)?.dtype !== "float32") return;
    absorb(edit, host, node, { ...host, activation });
  });
  return edit.close();
}
