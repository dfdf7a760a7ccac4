// What passes, plans and summaries ask of an operator about one of its nodes.
import type { Fact, FusedActivation, Node } from "../graph/graph.ts";
import type { FacetContext } from "./define.ts";
import { findOp } from "./table.ts";

type FactOf = (name: string) => Fact | undefined;

/** A node as its operator's facets see it. */
export const facetContext = ({ attributes, opset, inputs, outputs }: Node, factOf: FactOf): FacetContext => {
  const fact = (name: string): Fact | undefined => (name === "" ? undefined : factOf(name));
  return { attributes: attributes as never, opset, inputs: inputs.map(fact), outputs: outputs.map(fact) };
};

/** The activation that a node applies to its first input, in the kernels' terms; undefined where it is no activation. */
export const activationOf = (node: Node, factOf: FactOf): FusedActivation | undefined =>
  findOp(node.domain, node.op)?.activation?.(facetContext(node, factOf));

/** Whether a node takes an activation into itself. */
export const hasEpilogue = (node: Node): boolean => findOp(node.domain, node.op)?.epilogue === true;
