import { widenFloat16 as widenFloat16Data } from "../dtype.ts";
import { editGraph } from "../graph/edit.ts";
import type { Fact, Graph, Node } from "../graph/graph.ts";
import { subgraphs } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import type { TensorData } from "../tensor.ts";

/**
 * A float16 network with float32 kernels to run on is computed in float32: weights widen, inputs are cast on the way
 * in and outputs on the way out. Graphs without such a node (and with subgraphs) stay as they are.
 */
export function widenFloat16(graph: Graph): Graph {
  const heavy = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul"]);
  const isHalf = (name: string): boolean => graph.facts.get(name)?.dtype === "float16";
  const worthIt = graph.nodes.some(
    (node) =>
      heavy.has(node.op) && node.domain === "" && opOf(node).lower !== undefined && node.inputs.some(isHalf),
  );
  if (!worthIt || graph.nodes.some((node) => subgraphs(node).length > 0)) return graph;

  const edit = editGraph(graph);
  const casts: Node[] = [];
  const cast = (from: string, to: string, dtype: number): Node => ({
    name: `${from}/cast`,
    op: "Cast",
    domain: "",
    opset: 13,
    attributes: { to: dtype, saturate: 1 },
    inputs: [from],
    outputs: [to],
  });
  edit.visit((node) => {
    if (node.op === "Cast" && node.attributes.to === 10) {
      edit.replace(node, { ...node, attributes: { ...node.attributes, to: 1 } });
    }
  });
  const widened = new Map<string, string>();
  for (const name of graph.inputs) {
    if (!isHalf(name)) continue;
    const wide = edit.freshName(`${name}/float32`);
    edit.redirect(name, wide);
    casts.push(cast(name, wide, 1));
    widened.set(name, wide);
  }
  let { nodes, outputs, facts } = edit.close();
  const wideFacts = new Map<string, Fact>();
  for (const [name, fact] of facts) {
    if (fact.data?.dtype === "float16") {
      const data = widen(fact.data as TensorData<"float16">);
      wideFacts.set(name, { ...fact, dtype: "float32", data });
    } else
      wideFacts.set(
        name,
        fact.dtype === "float16" && !graph.inputs.includes(name) ? { ...fact, dtype: "float32" } : fact,
      );
  }
  const narrowed: Node[] = [];
  outputs = graph.outputs.map((name, i) => {
    const now = outputs[i] as string;
    if (!isHalf(name)) return now;
    if (graph.inputs.includes(name) || facts.get(name)?.data !== undefined) return name;
    const inner = `${name}/float32`;
    nodes = nodes.map((node) => renameValue(node, name, inner));
    narrowed.push(cast(inner, name, 10));
    return name;
  });
  return { ...graph, nodes: [...casts, ...nodes, ...narrowed], outputs, facts: wideFacts };
}

const renameValue = (node: Node, from: string, to: string): Node => ({
  ...node,
  inputs: node.inputs.map((name) => (name === from ? to : name)),
  outputs: node.outputs.map((name) => (name === from ? to : name)),
});

const widen = (tensor: TensorData<"float16">): TensorData<"float32"> => ({
  dtype: "float32",
  dims: tensor.dims,
  data: widenFloat16Data(tensor.data),
});
