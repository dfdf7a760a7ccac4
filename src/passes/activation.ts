import type { Node } from "../graph/graph.ts";

/** A node that takes another's place takes over the activation fused into it. */
export const withActivationOf = (replaced: Node, by: Node): Node =>
  replaced.activation === undefined ? by : { ...by, activation: replaced.activation };
