import { EXTRA_OPS } from "#extra-ops";
import { TRAIN_OPS } from "#training-ops";
import { InternalError } from "../errors.ts";
import type { Node } from "../graph/graph.ts";
import type { Op } from "./define.ts";
import { OPS } from "./index.ts";

const byName = new Map<string, Op>(
  [...OPS, ...EXTRA_OPS, ...TRAIN_OPS].map((op) => [`${op.domain ?? ""}:${op.type}`, op]),
);

/** The op table's entry, or undefined where lanewise has none. "ai.onnx" is another spelling of "". */
export function findOp(domain: string, type: string): Op | undefined {
  return byName.get(`${domain === "ai.onnx" ? "" : domain}:${type}`);
}

/** What to say of an operator that is not in the table. */
export const NOT_IN_TABLE =
  EXTRA_OPS.length > 0
    ? "no such operator in lanewise"
    : "no such operator in this entry of lanewise (lanewise/all has more)";

/** The op of a node that the importer or a pass has let through. */
export function opOf(node: Node): Op {
  const op = findOp(node.domain, node.op);
  if (op === undefined) throw new InternalError(`no op ${node.domain}:${node.op}`);
  return op;
}
