import { type DType, dtypeInfo } from "../dtype.ts";
import { editGraph, renameValues } from "../graph/edit.ts";
import type { Fact, Graph, Node } from "../graph/graph.ts";
import { subgraphs } from "../graph/graph.ts";
import { loweringsOf } from "../kernels/table.ts";
import { toNumbers } from "../ops/shared/elements.ts";
import { findOp } from "../ops/table.ts";
import type { TensorData } from "../tensor.ts";

const HALVES = ["float16", "bfloat16"] as const;
const isHalfDType = (dtype: DType | undefined): boolean => HALVES.some((half) => half === dtype);

/**
 * A float16 or bfloat16 network with float32 kernels to run on is computed in float32: weights widen, inputs are cast on the way
 * in and outputs on the way out. Graphs without such a node (and with subgraphs) stay as they are.
 */
export function widenHalf(graph: Graph): Graph {
  const isHalf = (name: string): boolean => isHalfDType(graph.facts.get(name)?.dtype);
  const worthIt = graph.nodes.some((node) => isHeavy(node) && node.inputs.some(isHalf));
  if (!worthIt || graph.nodes.some((node) => subgraphs(node).length > 0)) return graph;

  const edit = editGraph(graph);
  const casts: Node[] = [];
  const cast = (from: string, to: string, dtype: number): Node => ({
    name: `${from}/cast`,
    op: "Cast",
    domain: "",
    opset: 13,
    attributes: { to: dtype, saturate: 1, roundMode: "up" },
    inputs: [from],
    outputs: [to],
  });
  edit.visit((node) => {
    if (node.op === "Cast" && HALVES.some((dtype) => node.attributes.to === dtypeInfo[dtype]?.onnx)) {
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
  const { nodes, outputs, facts } = edit.close();
  const inputs = new Set(graph.inputs);
  const wideFacts = new Map<string, Fact>();
  for (const [name, fact] of facts) {
    if (fact.data !== undefined && isHalfDType(fact.dtype)) {
      const data = widen(fact.data);
      wideFacts.set(name, { ...fact, dtype: "float32", data });
    } else
      wideFacts.set(
        name,
        isHalfDType(fact.dtype) && !inputs.has(name) ? { ...fact, dtype: "float32" } : fact,
      );
  }
  const narrowed: Node[] = [];
  const inner = new Map<string, string>();
  const named = graph.outputs.map((name, i) => {
    const now = outputs[i] as string;
    if (!isHalf(name)) return now;
    if (inputs.has(name) || facts.get(name)?.data !== undefined) return name;
    const wide = `${name}/float32`;
    inner.set(name, wide);
    narrowed.push(cast(wide, name, dtypeInfo[facts.get(name)?.dtype ?? "float16"].onnx));
    return name;
  });
  return {
    ...graph,
    nodes: [...casts, ...renameValues(nodes, inner), ...narrowed],
    outputs: named,
    facts: wideFacts,
  };
}

/** Sums of products, for which there are kernels. */
const isHeavy = (node: Node): boolean =>
  findOp(node.domain, node.op)?.macs !== undefined && loweringsOf(node).length > 0;

const widen = (tensor: TensorData): TensorData<"float32"> => ({
  dtype: "float32",
  dims: tensor.dims,
  data: toNumbers(tensor) as Float32Array,
});
