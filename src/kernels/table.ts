import { EXTRA } from "#extra-kernels";
import type { Node } from "../graph/graph.ts";
import { opOf } from "../ops/table.ts";
import { adapted } from "./adapter.ts";
import type { Lowering, Lowerings } from "./lowering.ts";
import { MOVEMENT } from "./movement/index.ts";

const table = new Map<string, readonly Lowering[]>(
  [MOVEMENT, EXTRA].flatMap((family: Lowerings) => Object.entries(family) as [string, readonly Lowering[]][]),
);

/** The ways in which wasm does an operator, best first. */
export function loweringsOf({ domain, op }: Pick<Node, "domain" | "op">): readonly Lowering[] {
  const known = table.get(domain === "" || domain === "ai.onnx" ? op : `${domain}:${op}`);
  return known ?? adapted(opOf({ domain, op } as Node));
}
