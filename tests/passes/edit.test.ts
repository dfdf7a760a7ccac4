import { expect, test } from "vitest";
import { editGraph } from "../../src/graph/edit.ts";
import type { Node } from "../../src/graph/graph.ts";
import { input, inWords, wordsOf } from "../support/graph-words.ts";

const graph = () => inWords({ x: input(2, 3) }, ["a = Relu(x)", "y = Neg(a)"], "y");

test("a graph that nothing has changed is closed as it is, and what was found in it serves the next", () => {
  const one = graph();
  const edit = editGraph(one);
  expect(edit.close()).toBe(one);
  expect(editGraph(one)).toBe(edit);
});

test("two that have a graph open do not see each other's changes, nor does the graph", () => {
  const one = graph();
  expect(editGraph(one).close()).toBe(one);
  const [first, second] = [editGraph(one), editGraph(one)];
  const [relu, neg] = one.nodes as readonly [Node, Node];
  first.redirect("a", "x");
  first.replace(relu);
  expect(second.soleReader("a")).toBe(neg);
  expect(wordsOf(first.close())).toEqual(["y = Neg(x)"]);
  expect(second.close()).toBe(one);
  expect(wordsOf(one)).toEqual(["a = Relu(x)", "y = Neg(a)"]);
});

test("a fact or a constant is a change", () => {
  const one = graph();
  const edit = editGraph(one);
  const name = edit.addConstant("one", { dtype: "float32", dims: [], data: Float32Array.of(1) });
  const after = edit.close();
  expect(after.facts.has(name)).toBe(true);
  expect(one.facts.has(name)).toBe(false);
});
