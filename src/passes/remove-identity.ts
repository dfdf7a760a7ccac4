import { editGraph, type GraphEdit, renameInputs } from "../graph/edit.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { concreteDims, isConcrete, nodeReads } from "../graph/graph.ts";
import { toNumberArray, toNumbers } from "../ops/shared/elements.ts";

/** Takes out nodes whose output is their input: Identity, Dropout at inference, casts to the same dtype, empty pads. */
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
    if (!input || !output || !isIdentity(node, edit)) return;
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

function isIdentity(node: Node, edit: GraphEdit): boolean {
  if (node.domain !== "") return false;
  const from = edit.fact(node.inputs[0] as string);
  const to = edit.fact(node.outputs[0] as string);
  if (from?.container !== undefined) return node.op === "Identity";
  switch (node.op) {
    case "Identity":
      return true;
    case "Dropout":
      return !isRead(node.outputs[1], edit) && !isTraining(node, edit);
    case "Cast":
    case "CastLike":
      return from !== undefined && from.dtype === to?.dtype;
    case "Transpose": {
      // An empty perm stands for none: it reverses the axes.
      const perm = node.attributes.perm as readonly number[] | undefined;
      return perm?.length === from?.dims?.length && perm?.every((axis, i) => axis === i) === true;
    }
    case "Pad": {
      const pads = node.inputs[1] ? edit.constant(node.inputs[1]) : undefined;
      return pads !== undefined && toNumberArray(pads).every((pad) => pad === 0);
    }
    case "Reshape":
    case "Expand":
    case "Slice":
    case "Tile":
      return (
        isConcrete(from) &&
        isConcrete(to) &&
        concreteDims(from).join() === concreteDims(to).join() &&
        (node.op !== "Slice" || stepsForward(node, edit))
      );
    default:
      return false;
  }
}

/** Opset 12 made the mode an input. */
function isTraining(node: Node, edit: GraphEdit): boolean {
  const mode = node.inputs[2];
  if (!mode) return false;
  const data = edit.constant(mode);
  return data === undefined || toNumbers(data)[0] !== 0;
}

const isRead = (name: string | undefined, edit: GraphEdit): boolean =>
  name !== undefined && name !== "" && (edit.isOutput(name) || edit.readers(name).length > 0);

function stepsForward(node: Node, edit: GraphEdit): boolean {
  const steps = node.inputs[4];
  if (!steps) return true;
  const data = edit.constant(steps);
  return data !== undefined && toNumberArray(data).every((step) => step > 0);
}
