import type { Graph } from "../../graph/graph.ts";
import { defineOp, graph, required } from "../define.ts";
import { mergeFacts, withoutData } from "../sequence/sequences.ts";
import { scalarOf } from "../shared/axes.ts";

/** If: one graph or the other. https://onnx.ai/onnx/operators/onnx__If.html */
export const ifOp = defineOp({
  type: "If",
  since: [1, 11, 13, 16, 19, 21, 23, 24, 25],
  inputs: ["cond"],
  outputs: ["outputs*"],
  attributes: { thenBranch: required(graph()), elseBranch: required(graph()) },
  subgraphInputs: () => 0,

  infer(context) {
    const { thenBranch, elseBranch } = context.attributes;
    const facts = (branch: Graph | undefined) => context.inferSubgraph(branch as Graph, []);
    if (thenBranch?.outputs.length !== elseBranch?.outputs.length) {
      context.fail(
        `the branches give ${thenBranch?.outputs.length} and ${elseBranch?.outputs.length} outputs`,
      );
    }
    const cond = context.data(0);
    if (cond !== undefined) {
      const taken = facts(scalarOf(context, cond, "cond") ? thenBranch : elseBranch);
      return known(taken);
    }
    const otherwise = facts(elseBranch);
    const merged = facts(thenBranch).map((fact, i) => {
      const other = otherwise[i];
      if (fact === undefined || other === undefined) return undefined;
      return withoutData(mergeFacts(fact, other));
    });
    return known(merged);
  },

  *evaluate(context) {
    const { thenBranch, elseBranch } = context.attributes;
    const branch = scalarOf(context, context.tensor(0), "cond") ? thenBranch : elseBranch;
    return yield* context.runSubgraph(branch as Graph, []);
  },
});

/** Facts as they come: an op may leave one undefined where nothing is known. */
const known = <T>(facts: readonly (T | undefined)[]): readonly T[] => facts as readonly T[];
