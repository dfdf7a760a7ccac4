import type { Fact, Graph, Layout, Node } from "../graph/graph.ts";
import { ROW_MAJOR } from "./layouts.ts";
import type { Lowering } from "./lowering.ts";
import { type Layouts, type Settings, type Site, siteOf } from "./site.ts";
import { loweringsOf } from "./table.ts";

/** How a node is done: a candidate until layout settles it. */
export interface Choice {
  /** Undefined: by its definition. */
  readonly lowering: Lowering | undefined;
  /** What the lowering has worked out for the node. */
  readonly resolved: unknown;
  readonly layouts: Layouts;
  /** Bytes that it moves beyond reading inputs and writing outputs. */
  readonly cost: number;
  /** Whether channels-last operands may have pixels further apart than their channels. */
  apart(): boolean;
}

/** A concrete graph whose values have their layouts, and how each of its nodes is done. */
export interface Settled {
  readonly graph: Graph;
  readonly choices: ReadonlyMap<Node, Choice>;
}

/** Definitions take operands as they are handed to them, row by row. */
export const BY_DEFINITION: Choice = {
  lowering: undefined,
  resolved: undefined,
  layouts: ROW_MAJOR,
  cost: 0,
  apart: () => true,
};

/** The layout of an operand, by its index. */
export const layoutAt = (layouts: readonly Layout[], index: number): Layout => layouts[index] ?? "rowMajor";

/**
 * The ways in which a node can be done: of each set of layouts the first lowering that fits, best first; its definition
 * where none does.
 */
export function choose(
  node: Node,
  factOf: (name: string) => Fact | undefined,
  settings: Settings,
): readonly Choice[] {
  const lowerings = loweringsOf(node);
  const site = lowerings.length > 0 ? siteOf(node, factOf, settings) : undefined;
  if (site === undefined) return [BY_DEFINITION];
  const choices = new Map<string, Choice>();
  for (const lowering of lowerings) {
    const resolved = lowering.resolve(site);
    if (resolved === undefined || resolved === false) continue;
    for (const layouts of lowering.layouts?.(site, resolved) ?? [ROW_MAJOR]) {
      const key = `${layouts.inputs}→${layouts.outputs}`;
      if (!choices.has(key)) choices.set(key, candidate(lowering, site, resolved, layouts));
    }
  }
  return choices.size > 0 ? [...choices.values()] : [BY_DEFINITION];
}

function candidate(lowering: Lowering, site: Site, resolved: unknown, layouts: Layouts): Choice {
  let apart: boolean | undefined;
  return {
    lowering,
    resolved,
    layouts,
    cost: lowering.cost?.(site, resolved, layouts) ?? 0,
    apart() {
      apart ??= lowering.apart?.(site, resolved, layouts) ?? false;
      return apart;
    },
  };
}
