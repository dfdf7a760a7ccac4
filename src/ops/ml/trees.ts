import type { TensorData } from "../../tensor.ts";
import type { Failing } from "../shared/axes.ts";
import { toNumberArray } from "../shared/elements.ts";

export type Branch = "LEQ" | "LT" | "GTE" | "GT" | "EQ" | "NEQ" | "MEMBER";
export const BRANCHES: readonly Branch[] = ["LEQ", "LT", "GTE", "GT", "EQ", "NEQ", "MEMBER"];

export interface Vote {
  readonly target: number;
  readonly weight: number;
}

/** A node of a tree: a question with two ways on, or (without `branch`) a leaf with its votes. */
export interface TreeNode {
  readonly branch: Branch | undefined;
  readonly feature: number;
  readonly split: number;
  /** For MEMBER. */
  readonly members: ReadonlySet<number> | undefined;
  readonly missingIsTrue: boolean;
  yes: TreeNode | undefined;
  no: TreeNode | undefined;
  readonly votes: Vote[];
}

/** Attributes that TreeEnsembleClassifier and TreeEnsembleRegressor share. */
export interface TreeAttributes {
  readonly nodesFalsenodeids: readonly number[] | undefined;
  readonly nodesFeatureids: readonly number[] | undefined;
  readonly nodesMissingValueTracksTrue: readonly number[] | undefined;
  readonly nodesModes: readonly string[] | undefined;
  readonly nodesNodeids: readonly number[] | undefined;
  readonly nodesTreeids: readonly number[] | undefined;
  readonly nodesTruenodeids: readonly number[] | undefined;
  readonly nodesValues: readonly number[] | undefined;
  readonly nodesValuesAsTensor: TensorData | undefined;
}

/** The votes at the leaves, under whichever names. */
export interface VoteLists {
  readonly treeids: readonly number[];
  readonly nodeids: readonly number[];
  readonly targets: readonly number[];
  readonly weights: readonly number[];
}

/** Floats that a node gives as a list or, in double precision, as a tensor. */
export const floatsOf = (
  list: readonly number[] | undefined,
  tensor: TensorData | undefined,
): readonly number[] => (tensor === undefined ? (list ?? []) : toNumberArray(tensor));

/** The roots of the trees that the attributes describe, in the order of the file. */
export function treesOf(context: Failing, attributes: TreeAttributes, votes: VoteLists): TreeNode[] {
  const {
    nodesModes = [],
    nodesNodeids = [],
    nodesTreeids = [],
    nodesTruenodeids = [],
    nodesFalsenodeids = [],
  } = attributes;
  const splits = floatsOf(attributes.nodesValues, attributes.nodesValuesAsTensor);
  const key = (tree: number | undefined, node: number | undefined) => `${tree}/${node}`;
  const nodes = nodesModes.map((mode, i): TreeNode => {
    const name = mode.replace("BRANCH_", "");
    const branch = BRANCHES.find((known) => known === name);
    if (branch === undefined && mode !== "LEAF")
      context.fail(`the node mode ${JSON.stringify(mode)} is not known`);
    return {
      branch,
      feature: attributes.nodesFeatureids?.[i] ?? 0,
      split: splits[i] ?? 0,
      members: undefined,
      missingIsTrue: attributes.nodesMissingValueTracksTrue?.[i] === 1,
      yes: undefined,
      no: undefined,
      votes: [],
    };
  });
  const byKey = new Map(nodes.map((node, i) => [key(nodesTreeids[i], nodesNodeids[i]), node]));
  const reached = new Set<TreeNode>();
  nodes.forEach((node, i) => {
    if (node.branch === undefined) return;
    node.yes =
      byKey.get(key(nodesTreeids[i], nodesTruenodeids[i])) ?? context.fail(`node ${i} has no true branch`);
    node.no =
      byKey.get(key(nodesTreeids[i], nodesFalsenodeids[i])) ?? context.fail(`node ${i} has no false branch`);
    reached.add(node.yes).add(node.no);
  });
  votes.nodeids.forEach((nodeid, i) => {
    const leaf = byKey.get(key(votes.treeids[i], nodeid)) ?? context.fail(`vote ${i} belongs to no node`);
    leaf.votes.push({ target: votes.targets[i] as number, weight: votes.weights[i] as number });
  });
  return nodes.filter((node) => !reached.has(node));
}

/** The votes of the leaf that a row of features reaches. A chain longer than any tree is a circle. */
export function leafOf(context: Failing, root: TreeNode, row: readonly number[]): readonly Vote[] {
  let node = root;
  for (let depth = 0; node.branch !== undefined; depth++) {
    if (depth > 1 << 16) context.fail("the tree has a circle");
    const value = row[node.feature];
    if (value === undefined)
      return context.fail(`feature ${node.feature} is out of range for ${row.length} features`);
    const next = holds(node, value) || (node.missingIsTrue && Number.isNaN(value)) ? node.yes : node.no;
    node = next as TreeNode;
  }
  return node.votes;
}

function holds({ branch, split, members }: TreeNode, value: number): boolean {
  switch (branch) {
    case "LEQ":
      return value <= split;
    case "LT":
      return value < split;
    case "GTE":
      return value >= split;
    case "GT":
      return value > split;
    case "EQ":
      return value === split;
    case "NEQ":
      return value !== split;
    default:
      return members?.has(value) ?? false;
  }
}

export type Aggregate = "AVERAGE" | "SUM" | "MIN" | "MAX";
export const AGGREGATES: readonly Aggregate[] = ["AVERAGE", "SUM", "MIN", "MAX"];

/** The votes of all trees for one row, gathered by target; undefined where no leaf spoke of a target. */
export function gatherVotes(
  context: Failing,
  roots: readonly TreeNode[],
  row: readonly number[],
  targets: number,
  aggregate: Aggregate,
): (number | undefined)[] {
  const scores = new Array<number | undefined>(targets).fill(undefined);
  for (const root of roots) {
    for (const { target, weight } of leafOf(context, root, row)) {
      if (!(target >= 0 && target < targets)) context.fail(`a leaf votes for target ${target} of ${targets}`);
      const old = scores[target];
      if (old === undefined) scores[target] = weight;
      else if (aggregate === "MIN") scores[target] = Math.min(old, weight);
      else if (aggregate === "MAX") scores[target] = Math.max(old, weight);
      else scores[target] = old + weight;
    }
  }
  if (aggregate !== "AVERAGE") return scores;
  return scores.map((score) => score && score / roots.length);
}
