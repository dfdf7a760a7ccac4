import { editGraph, renameInputs } from "../graph/edit.ts";
import { type Graph, isGraph, type Node } from "../graph/graph.ts";
import { toNumbers } from "../ops/shared/elements.ts";

/** Replaces an If whose condition is constant by the nodes of the branch it takes. */
export function inlineIf(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    if (node.op !== "If" || node.domain !== "") return;
    const condition = edit.constant(node.inputs[0] as string);
    if (condition === undefined) return;
    const branch = node.attributes[toNumbers(condition)[0] ? "thenBranch" : "elseBranch"];
    if (!isGraph(branch)) return;
    const names = new Map<string, string>();
    for (const [name, fact] of branch.facts) {
      if (fact.data !== undefined) names.set(name, edit.addConstant(within(node, name), fact.data));
    }
    for (const inner of branch.nodes) {
      for (const name of inner.outputs) if (name !== "") names.set(name, edit.freshName(within(node, name)));
    }
    const rename = (name: string): string => names.get(name) ?? name;
    const body = branch.nodes.map(
      (inner): Node => ({
        ...renameInputs(inner, rename),
        name: within(node, inner.name),
        outputs: inner.outputs.map(rename),
      }),
    );
    const results = node.outputs.map(
      (output, i): Node => ({
        name: within(node, output),
        op: "Identity",
        domain: "",
        opset: node.opset,
        attributes: {},
        inputs: [rename(branch.outputs[i] as string)],
        outputs: [output],
      }),
    );
    edit.replace(node, ...body, ...results.filter((result) => result.outputs[0] !== ""));
  });
  return edit.close();
}

/** Branches nest: beyond this length a name says where it comes from well enough. */
const LONG_NAME = 1024;

const within = (node: Node, name: string): string =>
  name.length > LONG_NAME ? name : `${node.name}/${name}`;
