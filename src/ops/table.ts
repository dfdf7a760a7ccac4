import { InternalError } from "../errors.ts";
import type { Node } from "../graph/graph.ts";
import type { Op } from "./define.ts";
import { OPS } from "./index.ts";

const keyOf = (op: Op): string => `${op.domain ?? ""}:${op.type}`;

const byName = new Map<string, Op>(OPS.map((op) => [keyOf(op), op]));

/** Has more operators be in the table from now on; entries say so of those that they have. */
export function addOps(ops: readonly Op[]): void {
  for (const op of ops) byName.set(keyOf(op), op);
}

/** The op table's entry, or undefined where lanewise has none. "ai.onnx" is another spelling of "". */
export function findOp(domain: string, type: string): Op | undefined {
  return byName.get(`${domain === "ai.onnx" ? "" : domain}:${type}`);
}

/** What to say of an operator that is not in the table. */
export const notInTable = (): string =>
  byName.size > OPS.length
    ? "no such operator in lanewise"
    : "no such operator in this entry of lanewise (lanewise/all has more)";

/** The op of a node that the importer or a pass has let through. */
export function opOf(node: Node): Op {
  const op = findOp(node.domain, node.op);
  if (op === undefined) throw new InternalError(`no op ${node.domain}:${node.op}`);
  return op;
}
