// What passes, plans and summaries ask of an operator about one of its nodes.
import {
  type Attributes,
  type Fact,
  type FusedActivation,
  isConcrete,
  type Node,
  sameDims,
} from "../graph/graph.ts";
import type { FacetContext, SeenAxis, Windows } from "./define.ts";
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

/** Whether a node's first output is its first input, unless another output is read. */
export function isIdentity(node: Node, factOf: FactOf): boolean {
  const op = findOp(node.domain, node.op);
  const context = facetContext(node, factOf);
  if (op?.identity !== undefined) return op.identity(context);
  return op?.view === true && sameDims(context.inputs[0], context.outputs[0]);
}

/** The windows of its first input that a node's outputs are. */
export const windowsOf = (node: Node, factOf: FactOf): Windows | undefined =>
  findOp(node.domain, node.op)?.windows?.(facetContext(node, factOf));

/** The axis along which a node lays its inputs one behind the other. */
export const joinAxis = (node: Node, factOf: FactOf): number | undefined =>
  findOp(node.domain, node.op)?.joins?.(facetContext(node, factOf));

/** The zeros that a node puts around its first input and does nothing else: begins of all axes, then ends. */
export const padsOf = (node: Node, factOf: FactOf): readonly number[] | undefined =>
  findOp(node.domain, node.op)?.pads?.(facetContext(node, factOf));

/** The attributes of a node that pads its image by so much more; undefined where it cannot. */
export const withPads = (node: Node, pads: readonly number[], factOf: FactOf): Attributes | undefined =>
  findOp(node.domain, node.op)?.takesPads?.(facetContext(node, factOf), pads);

/** Multiply-accumulates of a node: 0 for what is no sum of products, undefined where a size that it takes is not known. */
export function macsOf(node: Node, factOf: FactOf): number | undefined {
  const macs = findOp(node.domain, node.op)?.macs;
  if (macs === undefined) return 0;
  const context = facetContext(node, factOf);
  // Recurrent layers may leave Y out; their count needs inputs only.
  const named = [...node.inputs, ...node.outputs.slice(0, 1)].filter((name) => name !== "");
  return named.every((name) => isConcrete(factOf(name))) ? macs(context) : undefined;
}

/** What of its inputs' images an element of a node's outputs sees. */
export const receptiveFieldOf = (node: Node, factOf: FactOf): "own place" | readonly SeenAxis[] | undefined =>
  findOp(node.domain, node.op)?.receptiveField?.(facetContext(node, factOf));
