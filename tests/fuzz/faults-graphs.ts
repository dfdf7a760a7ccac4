import type { Fact, Graph, Node } from "../../src/graph/graph.ts";
import type { TensorData } from "../../src/tensor.ts";

type GraphFault = (graph: Graph) => Graph;

const withNodes = (graph: Graph, change: (node: Node) => Node): Graph => ({
  ...graph,
  nodes: graph.nodes.map(change),
});

const numbersOf = (node: Node, key: string): readonly number[] =>
  (node.attributes[key] as readonly number[]) ?? [];

/** Faults of passes and lowerings: the graph that is planned is not the one that was asked for. */
export const GRAPH_FAULTS: Readonly<Record<string, GraphFault>> = {
  "pads are off by one": (graph) =>
    withNodes(graph, (node) => {
      const pads = [...numbersOf(node, "pads")];
      const half = pads.length / 2;
      const k = pads.findIndex((pad, i) => i < half && pad > 0);
      if (node.op !== "Conv" || k < 0) return node;
      pads[k] = (pads[k] as number) - 1;
      pads[k + half] = (pads[k + half] as number) + 1;
      return { ...node, attributes: { ...node.attributes, pads } };
    }),
  "an activation behind a convolution is lost": (graph) => {
    const convolved = new Set(
      graph.nodes.filter(({ op }) => op === "Conv").flatMap(({ outputs }) => outputs),
    );
    return withNodes(graph, (node) =>
      ["Relu", "LeakyRelu", "HardSwish", "Sigmoid", "Clip"].includes(node.op) &&
      convolved.has(node.inputs[0] ?? "")
        ? { ...node, op: "Identity", attributes: {}, inputs: node.inputs.slice(0, 1) }
        : node,
    );
  },
  "inputs of a join are swapped": (graph) =>
    withNodes(graph, (node) => {
      const [a, b] = node.inputs;
      if (node.op !== "Concat" || a === undefined || b === undefined) return node;
      const dims = (name: string): string | undefined => graph.facts.get(name)?.dims?.join();
      return dims(a) === dims(b) ? { ...node, inputs: [b, a, ...node.inputs.slice(2)] } : node;
    }),
  "a zero point is forgotten": (graph) => {
    const facts = new Map(graph.facts);
    for (const { op, inputs } of graph.nodes) {
      const zero = facts.get(inputs[2] ?? "");
      if (op !== "QuantizeLinear" || zero?.data === undefined) continue;
      facts.set(inputs[2] as string, { ...zero, data: shifted(zero.data) } as Fact);
    }
    // Only quantisation sees the other zero point.
    return withFreshZeros({ ...graph, facts }, graph);
  },
  "epsilon is forgotten": (graph) =>
    withNodes(graph, (node) =>
      node.op === "BatchNormalization" ? { ...node, attributes: { ...node.attributes, epsilon: 0.1 } } : node,
    ),
  "an update takes the old moment": (graph) => {
    const states = new Set((graph.states ?? []).map(({ input }) => input));
    return withNodes(graph, (node) => {
      const slot = node.inputs.findIndex((name) => states.has(name) && /\/(velocity|mean)$/.test(name));
      if (!/Update$/.test(node.op) || slot < 0) return node;
      const inputs = [...node.inputs];
      inputs[slot] = node.inputs[1] as string;
      return { ...node, inputs };
    });
  },
  "a state keeps what it was": (graph) => ({
    ...graph,
    states: (graph.states ?? []).map(({ input }, i) =>
      i === 0 ? { input } : (graph.states?.[i] ?? { input }),
    ),
  }),
};

const shifted = (zero: TensorData): TensorData => {
  const data = zero.data.slice() as Int8Array;
  for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) + 25;
  return { ...zero, data } as TensorData;
};

/** Dequantisation keeps the zero points it had, under names of their own. */
function withFreshZeros(changed: Graph, original: Graph): Graph {
  const facts = new Map(changed.facts);
  const nodes = changed.nodes.map((node) => {
    const zero = node.inputs[2];
    const fact = original.facts.get(zero ?? "");
    if (node.op !== "DequantizeLinear" || zero === undefined || fact === undefined) return node;
    facts.set(`${zero} kept`, fact);
    return { ...node, inputs: [...node.inputs.slice(0, 2), `${zero} kept`] };
  });
  return { ...changed, facts, nodes };
}
