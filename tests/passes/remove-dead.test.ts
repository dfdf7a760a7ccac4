import { describe, expect, test } from "vitest";
import { removeDead } from "../../src/passes/remove-dead.ts";
import { graphOf } from "../ops/small-graph.ts";
import { expectUntouched, input, inWords, rewritten, weights, wordsOf } from "../support/graph-words.ts";

const values = { x: input(2, 6), w: weights(6) };

describe("what no output needs goes", () => {
  test("nodes, one behind the other, with their constants and facts", () => {
    const graph = inWords(
      { ...values, unused: weights(6) },
      ["a = Mul(x, unused)", "b = Relu(a)", "y = Add(x, w)"],
      "y",
    );
    const after = rewritten(removeDead, graph);
    expect(wordsOf(after)).toEqual(["y = Add(x, w)"]);
    expect([...after.facts.keys()]).toEqual(["x", "w", "y"]);
  });

  test("inputs stay, read or not", () => {
    const graph = inWords({ ...values, z: input(3) }, ["y = Add(x, w)"], "y");
    expect(rewritten(removeDead, graph)).toMatchObject({ inputs: ["x", "z"], facts: graph.facts });
  });
});

describe("what an output needs stays:", () => {
  test("a node of which one output is read, with the facts of all", () => {
    const graph = inWords(values, [["a, b = Split(x)", { axis: 1, numOutputs: 2 }], "y = Neg(b)"], "y");
    expectUntouched(removeDead, graph);
    expect(removeDead(graph).facts.has("a")).toBe(true);
  });

  test("a node that is an output and read by nobody", () => {
    expectUntouched(removeDead, inWords(values, ["a = Neg(x)", "y = Relu(x)"], "y, a"));
  });

  test("what only a subgraph reads", () => {
    const branch = (op: string) => graphOf([], ["r"], [{ op, inputs: ["a"], outputs: ["r"] }]);
    const graph = inWords(
      { ...values, cond: { dtype: "bool", dims: [] } },
      ["a = Neg(x)", ["y = If(cond)", { thenBranch: branch("Relu"), elseBranch: branch("Abs") }]],
      "y",
    );
    expectUntouched(removeDead, graph);
  });
});
