import { describe, expect, test } from "vitest";
import { editGraph, type GraphEdit } from "../../src/graph/edit.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { absorb, replaceChain } from "../../src/passes/absorb.ts";
import { input, inWords, type Line, rewritten, scalar, wordsOf } from "../support/graph-words.ts";

const values = { x: input(2, 3), one: scalar(1) };

const edited = (change: (edit: GraphEdit, nodes: readonly Node[]) => void) => (graph: Graph) => {
  const edit = editGraph(graph);
  change(edit, graph.nodes);
  return edit.close();
};

test("a chain becomes one node, which writes the output of the last, in its place", () => {
  const graph = inWords(
    values,
    ["a = Relu(x)", "b = Relu(a)", "z = Neg(x)", "c = Relu(b)", "y = Add(c, z)"],
    "y",
  );
  const after = rewritten(
    edited((edit, [a, b, , c]) => {
      const { outputs: _, ...rest } = a as Node;
      replaceChain(edit, [a, b, c] as Node[], rest);
    }),
    graph,
  );
  expect(wordsOf(after)).toEqual(["z = Neg(x)", "c = Relu(x)", "y = Add(c, z)"]);
  expect([...after.facts.keys()].sort()).toEqual(["c", "one", "x", "y", "z"]);
});

describe("a node that takes another in has the activation", () => {
  test.each<[string, readonly Line[], string]>([
    ["of what it took in", ["a = Add(x, x)", "y = relu(Mul(a, one))"], "y = relu(Add(x, x))"],
    [
      "of its own where the other has none",
      ["a = relu(Add(x, x))", "y = Mul(a, one)"],
      "y = relu(Add(x, x))",
    ],
    ["or none", ["a = Add(x, x)", "y = Mul(a, one)"], "y = Add(x, x)"],
  ])("%s", (_, nodes, expected) => {
    const merge = edited((edit, [host, node]) => absorb(edit, host as Node, node as Node, host as Node));
    expect(wordsOf(rewritten(merge, inWords(values, nodes, "y")))).toEqual([expected]);
  });
});
