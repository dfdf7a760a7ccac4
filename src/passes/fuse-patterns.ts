import { editGraph } from "../graph/edit.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { padsOf, withPads } from "../ops/facets.ts";
import { absorb } from "./absorb.ts";

/** x·Sigmoid(x) becomes Silu, x·HardSigmoid(x) with its usual constants HardSwish. */
export function fuseGates(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    if (node.op !== "Mul" || node.domain !== "" || node.activation !== undefined) return;
    for (const [x, g] of [node.inputs, [...node.inputs].reverse()] as [string, string][]) {
      const gate = edit.writer(g);
      if (gate === undefined || gate.domain !== "" || gate.inputs[0] !== x || edit.soleReader(g) !== node)
        continue;
      const swish = gateOf(gate);
      if (swish === undefined) continue;
      edit.replace(gate);
      edit.replace(node, { ...node, ...swish, inputs: [x] });
      return;
    }
  });
  return edit.close();
}

function gateOf(gate: Node): Pick<Node, "op" | "domain" | "attributes"> | undefined {
  if (gate.op === "Sigmoid") return { op: "Silu", domain: "lanewise", attributes: { alpha: 1 } };
  const { alpha, beta } = gate.attributes;
  if (gate.op === "HardSigmoid" && Math.abs((alpha as number) - 1 / 6) < 1e-6 && beta === 0.5) {
    return { op: "HardSwish", domain: "", attributes: {} };
  }
  return undefined;
}

/** MatMul + Add of a constant vector becomes MatMul with a bias. */
export function fuseMatMulBias(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    if (node.op !== "Add" || node.domain !== "") return;
    for (const [product, vector] of [node.inputs, [...node.inputs].reverse()] as [string, string][]) {
      const matmul = edit.writer(product);
      const bias = edit.constant(vector);
      if (matmul === undefined || matmul.op !== "MatMul" || matmul.domain !== "" || matmul.inputs.length > 2)
        continue;
      if (matmul.activation !== undefined) continue;
      if (bias === undefined || bias.dtype !== "float32" || edit.soleReader(product) !== node) continue;
      const columns = edit.fact(product)?.dims?.at(-1);
      const rank = edit.fact(product)?.dims?.length ?? 0;
      if (rank < 2 || bias.dims.at(-1) !== columns || bias.data.length !== columns || bias.dims.length > rank)
        continue;
      const flat = edit.addConstant(vector, { ...bias, dims: [bias.data.length] });
      absorb(edit, matmul, node, { ...matmul, inputs: [...matmul.inputs, flat] });
      return;
    }
  });
  return edit.close();
}

/** Zeros around the image axes that alone feed a convolution become that convolution's pads. */
export function fusePad(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    const pad = edit.writer(node.inputs[0] as string);
    const amounts = pad && padsOf(pad, edit.fact);
    if (pad === undefined || amounts === undefined || amounts.some((amount) => amount < 0)) return;
    const rank = amounts.length / 2;
    if ([0, 1].some((axis) => amounts[axis] || amounts[axis + rank])) return;
    const attributes = withPads(node, [...amounts.slice(2, rank), ...amounts.slice(rank + 2)], edit.fact);
    if (attributes === undefined) return;
    edit.replace(node, { ...node, inputs: [pad.inputs[0] as string, ...node.inputs.slice(1)], attributes });
  });
  return edit.close();
}
