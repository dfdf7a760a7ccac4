import type { GraphEdit } from "../graph/edit.ts";
import type { Node } from "../graph/graph.ts";

/** Puts `by` where the chain's last node stood, writing its output; the others go. */
export function replaceChain(edit: GraphEdit, chain: readonly Node[], by: Omit<Node, "outputs">): void {
  const last = chain.at(-1) as Node;
  for (const node of chain.slice(0, -1)) edit.replace(node);
  edit.replace(last, { ...by, outputs: [last.outputs[0] as string] });
}

/** `host` goes; `by` stands where `node` stood, and keeps the activation fused into it. */
export function absorb(edit: GraphEdit, host: Node, node: Node, by: Node): void {
  const activation = node.activation ?? by.activation;
  replaceChain(edit, [host, node], { ...by, ...(activation && { activation }) });
}
