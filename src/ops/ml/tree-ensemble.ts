import type { TensorData } from "../../tensor.ts";
import { defineOp, factOf, int, ints, tensor } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import type { Failing } from "../shared/axes.ts";
import { fromNumbers } from "../shared/elements.ts";
import { featureRows } from "./labels.ts";
import { postTransformOf, transformScores } from "./post-transform.ts";
import { AGGREGATES, BRANCHES, floatsOf, gatherVotes, type TreeNode } from "./trees.ts";

interface EnsembleAttributes {
  readonly leafTargetids: readonly number[] | undefined;
  readonly leafWeights: TensorData | undefined;
  readonly membershipValues: TensorData | undefined;
  readonly nodesFalseleafs: readonly number[] | undefined;
  readonly nodesFalsenodeids: readonly number[] | undefined;
  readonly nodesFeatureids: readonly number[] | undefined;
  readonly nodesMissingValueTracksTrue: readonly number[] | undefined;
  readonly nodesModes: TensorData | undefined;
  readonly nodesSplits: TensorData | undefined;
  readonly nodesTrueleafs: readonly number[] | undefined;
  readonly nodesTruenodeids: readonly number[] | undefined;
  readonly treeRoots: readonly number[] | undefined;
}

/** TreeEnsemble: the leaves' weights of every tree, gathered by target. https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html */
export const treeEnsemble = defineOp({
  type: "TreeEnsemble",
  domain: "ai.onnx.ml",
  since: [5],
  inputs: ["x"],
  attributes: {
    aggregateFunction: int(1),
    leafTargetids: ints(),
    leafWeights: tensor(),
    membershipValues: tensor(),
    nTargets: int(1),
    nodesFalseleafs: ints(),
    nodesFalsenodeids: ints(),
    nodesFeatureids: ints(),
    nodesHitrates: tensor(),
    nodesMissingValueTracksTrue: ints(),
    nodesModes: tensor(),
    nodesSplits: tensor(),
    nodesTrueleafs: ints(),
    nodesTruenodeids: ints(),
    postTransform: int(0),
    treeRoots: ints(),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, FLOATS);
    const { dtype, dims } = context.fact(0);
    const rows = dims === undefined ? "?" : dims.length === 1 ? 1 : (dims[0] ?? "?");
    return [factOf(dtype, [rows, context.attributes.nTargets])];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { attributes } = context;
    const { nTargets } = attributes;
    const aggregate = AGGREGATES[attributes.aggregateFunction];
    if (aggregate === undefined)
      return context.fail(`aggregate_function ${attributes.aggregateFunction} is not known`);
    const transform = postTransformOf(context, attributes.postTransform);
    const roots = rootsOf(context, attributes);
    const rows = featureRows(context, x).map((row) => {
      const scores = gatherVotes(context, roots, row, nTargets, aggregate).map((score) => score ?? 0);
      return nTargets > 1 || transform === "PROBIT" ? transformScores(scores, transform) : scores;
    });
    return [fromNumbers(x.dtype, [rows.length, nTargets], rows.flat())];
  },
});

/** The trees; inner nodes and leaves are two lists, and a flag says which of them an id points into. */
function rootsOf(context: Failing, attributes: EnsembleAttributes): TreeNode[] {
  const { nodesFeatureids = [], treeRoots = [], leafTargetids = [] } = attributes;
  const modes = floatsOf(undefined, attributes.nodesModes);
  const splits = floatsOf(undefined, attributes.nodesSplits);
  const weights = floatsOf(undefined, attributes.leafWeights);
  const sets = memberSets(attributes.membershipValues);
  const leaves = leafTargetids.map(
    (target, i): TreeNode => ({
      branch: undefined,
      feature: 0,
      split: 0,
      members: undefined,
      missingIsTrue: false,
      yes: undefined,
      no: undefined,
      votes: [{ target, weight: weights[i] as number }],
    }),
  );
  const nodes = nodesFeatureids.map((feature, i): TreeNode => {
    const branch = BRANCHES[modes[i] as number] ?? context.fail(`node mode ${modes[i]} is not known`);
    return {
      branch,
      feature,
      split: splits[i] as number,
      members:
        branch === "MEMBER" ? (sets.shift() ?? context.fail("membership_values is too short")) : undefined,
      missingIsTrue: attributes.nodesMissingValueTracksTrue?.[i] === 1,
      yes: undefined,
      no: undefined,
      votes: [],
    };
  });
  const linked = (
    ids: readonly number[] | undefined,
    isLeaf: readonly number[] | undefined,
    i: number,
  ): TreeNode => (isLeaf?.[i] ? leaves : nodes)[ids?.[i] ?? -1] ?? context.fail(`node ${i} leads nowhere`);
  nodes.forEach((node, i) => {
    node.yes = linked(attributes.nodesTruenodeids, attributes.nodesTrueleafs, i);
    node.no = linked(attributes.nodesFalsenodeids, attributes.nodesFalseleafs, i);
  });
  // A tree that is one leaf is written as a node both of whose ways lead to that leaf.
  return treeRoots.map((root) => nodes[root] ?? context.fail(`the root ${root} is no node`));
}

/** The sets of the MEMBER nodes in their order; NaN ends each. */
function memberSets(values: TensorData | undefined): Set<number>[] {
  const sets: Set<number>[] = [];
  let current = new Set<number>();
  for (const value of floatsOf(undefined, values)) {
    if (Number.isNaN(value)) {
      sets.push(current);
      current = new Set();
    } else {
      current.add(value);
    }
  }
  if (current.size > 0) sets.push(current);
  return sets;
}
