import { editGraph, type GraphEdit, renameInputs } from "../graph/edit.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { nodeReads } from "../graph/graph.ts";
import { isIdentity } from "../ops/facets.ts";

/** Takes out nodes whose output is their input, as their operators say. */
export function removeIdentity(graph: Graph): Graph {
  const edit = editGraph(graph);
  // Readers are told of all their inputs at once: one may read the outputs of very many such nodes.
  const others = new Map<string, string>();
  const resolve = (name: string): string => {
    const other = others.get(name);
    return other === undefined ? name : resolve(other);
  };
  const settle = (node: Node): Node => {
    if (![...nodeReads(node)].some((name) => others.has(name))) return node;
    const settled = renameInputs(node, resolve);
    edit.replace(node, settled);
    return settled;
  };
  edit.visit((read) => {
    const node = settle(read);
    const [input, output] = [node.inputs[0], node.outputs[0]];
    if (!input || !output || node.outputs.slice(1).some((name) => isRead(name, edit))) return;
    if (node.activation !== undefined || !isIdentity(node, edit.fact)) return;
    // A graph output that is an input or a constant keeps its node: something has to carry the name.
    if (edit.isOutput(output) && (edit.writer(input) === undefined || edit.isOutput(input))) return;
    if (edit.isOutput(output)) {
      renameWriter(edit, node, input, output);
      others.set(input, output);
    } else {
      edit.replace(node);
      others.set(output, input);
    }
  });
  edit.visit(settle);
  return edit.close();
}

/** The graph's output keeps its name: the node that wrote the input writes the output instead. */
function renameWriter(edit: GraphEdit, node: Node, input: string, output: string): void {
  const writer = edit.writer(input) as Node;
  const fact = edit.fact(output);
  edit.replace(node);
  edit.replace(writer, {
    ...writer,
    outputs: writer.outputs.map((name) => (name === input ? output : name)),
  });
  if (fact !== undefined) edit.setFact(output, fact);
}

const isRead = (name: string | undefined, edit: GraphEdit): boolean =>
  name !== undefined && name !== "" && (edit.isOutput(name) || edit.readers(name).length > 0);
