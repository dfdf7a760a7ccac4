import { ModelError } from "../errors.ts";

/** What a model may become while it is imported. */
export interface ImportLimits {
  /** Nodes, once functions stand in place of their calls and composed operators are taken apart. */
  readonly maxModelNodes?: number | undefined;
}

/** Far above any network in use, and what a small file can ask for without the engine running out of memory. */
export const MAX_MODEL_NODES = 250_000;

/** A node that holds more than this, names and lists together, counts as several. */
const NODE_BYTES = 1024;

/** What a list's entry takes beside its name. */
const ENTRY_BYTES = 32;

/** Counts what expansion makes before it is made, and throws a ModelError where it grows beyond the limit. */
export interface NodeBudget {
  /** So many nodes, and what they hold: entries of lists, characters of names. */
  spend(nodes: number, entries: number, characters: number, path: string): void;
}

export function nodeBudget({ maxModelNodes = MAX_MODEL_NODES }: ImportLimits): NodeBudget {
  let spent = 0;
  return {
    spend(nodes, entries, characters, path) {
      spent += nodes + Math.floor((entries * ENTRY_BYTES + characters) / NODE_BYTES);
      if (spent > maxModelNodes)
        throw new ModelError(
          path,
          `the model comes to more than ${maxModelNodes} nodes; the option maxModelNodes sets the limit`,
        );
    },
  };
}
