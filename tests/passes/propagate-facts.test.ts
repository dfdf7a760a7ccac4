import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { finish } from "../../src/interruptible.ts";
import { toNumbers } from "../../src/ops/shared/elements.ts";
import {
  bindInputs,
  foldingDequantized,
  propagateFacts,
  propagatingFacts,
  propagatingQuantizedFacts,
} from "../../src/passes/propagate-facts.ts";
import type { TensorData } from "../../src/tensor.ts";
import { graphOf } from "../ops/small-graph.ts";
import {
  expectUntouched,
  input,
  int64,
  inWords,
  rewritten,
  scalar,
  weights,
  wordsOf,
} from "../support/graph-words.ts";

const dimsOf = (graph: Graph, name: string) => graph.facts.get(name)?.dims;
const valuesOf = (graph: Graph, name: string) => {
  const data = graph.facts.get(name)?.data;
  return data && Array.from(toNumbers(data));
};

describe("what is known", () => {
  test("shape arithmetic folds away, and the shapes that hang on it are known", () => {
    const nodes = ["s = Shape(x)", "n = ReduceProd(s)", "y = Reshape(x, n)"];
    const after = rewritten(propagateFacts, inWords({ x: input(2, 3, 4) }, nodes, "y"));
    expect(wordsOf(after)).toEqual(["y = Reshape(x, n)"]);
    expect(valuesOf(after, "s")).toEqual([2, 3, 4]);
    expect(dimsOf(after, "y")).toEqual([24]);
  });

  test("what constants make is constant", () => {
    const graph = inWords(
      { x: input(3), a: weights(3), b: weights(3) },
      ["c = Add(a, b)", "y = Mul(x, c)"],
      "y",
    );
    expect(wordsOf(rewritten(propagateFacts, graph))).toEqual(["y = Mul(x, c)"]);
  });

  test("facts are found anew: none that was wrong stays", () => {
    const graph = inWords({ x: input(3) }, ["a = Neg(x)", "y = Neg(a)"], "y");
    const wrong = {
      ...graph,
      facts: new Map([...graph.facts, ["a", input(7)], ["gone", input(1)]]),
    } as Graph;
    const { facts } = propagateFacts(wrong);
    expect([...facts]).toEqual([
      ["x", input(3)],
      ["a", input(3)],
      ["y", input(3)],
    ]);
  });

  test("outputs that a node leaves out have no facts", () => {
    const nodes = [["_, i = TopK(a, k)", { axis: -1 }], "y = GatherElements(x, i)"] as const;
    const after = rewritten(propagateFacts, inWords({ x: input(3), a: weights(3), k: int64(2) }, nodes, "y"));
    expect(wordsOf(after)).toEqual(["y = GatherElements(x, i)"]);
    expect(after.facts.has("")).toBe(false);
  });

  test("a subgraph is folded where all that it reads is known", () => {
    const branch = graphOf([], ["r"], [{ op: "Neg", inputs: ["a"], outputs: ["r"] }]);
    const taken: TensorData = { dtype: "bool", dims: [], data: Uint8Array.of(1) };
    const nodes = [["c = If(t)", { thenBranch: branch, elseBranch: branch }], "y = Add(x, c)"] as const;
    const folded = rewritten(propagateFacts, inWords({ x: input(3), a: weights(3), t: taken }, nodes, "y"));
    expect(wordsOf(folded)).toEqual(["y = Add(x, c)"]);
    expectUntouched(propagateFacts, inWords({ x: input(3), a: input(3), t: taken }, nodes, "y"));
  });

  test("inputs take the sizes that they are bound to", () => {
    const graph = inWords({ x: input("n", 3), z: input("n") }, ["s = Shape(x)", "y = Neg(z)"], "y, s");
    expect(wordsOf(propagateFacts(graph))).toEqual(["s = Shape(x)", "y = Neg(z)"]);
    const bound = propagateFacts(
      bindInputs(
        graph,
        new Map([
          ["x", [5, 3]],
          ["z", undefined],
          ["w", [1]],
        ]),
      ),
    );
    expect(valuesOf(bound, "s")).toEqual([5, 3]);
    expect(dimsOf(bound, "y")).toEqual(["n"]);
    expect(bound.facts.has("w")).toBe(false);
  });

  test("sizes that no memory holds are refused", () => {
    const wide = inWords({ x: input(1) }, ["y = Neg(x)"], "y");
    const graph: Graph = {
      ...wide,
      nodes: inWords({ x: input(1), s: int64(2) }, ["y = Expand(x, s)"], "y").nodes,
      facts: new Map([...wide.facts, ["s", { dtype: "int64", dims: [1], data: int64(2 ** 60) }]]),
    };
    expect(() => propagateFacts(graph)).toThrow(ShapeError);
    expect(() => propagateFacts(graph)).toThrow(/gives dims \[1152921/);
  });
});

describe("what stays although its inputs are known:", () => {
  test("what differs from run to run", () => {
    const attributes = { shape: [2], seed: 1 };
    expectUntouched(propagateFacts, inWords({}, [["y = RandomNormal()", attributes]], "y"));
  });

  test("sequences", () => {
    const nodes = ["q = SequenceConstruct(a, a)", "y = SequenceAt(q, i)"];
    expectUntouched(
      propagateFacts,
      inWords({ a: weights(2), i: { dtype: "int64", dims: [], data: int64(1).data } }, nodes, "y"),
    );
  });

  test("what is no operator of the table", () => {
    const graph = inWords({ a: weights(2) }, ["y = Neg(a)"], "y");
    const strange = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, op: "Strange" })) };
    expect(propagateFacts(strange).nodes).toEqual(strange.nodes);
  });

  test("what takes more bytes than it may, at 8 an element as the host computes", () => {
    const left = (maxBytes: number) => {
      const graph = inWords({ a: weights(6), x: input(6) }, ["b = Neg(a)", "y = Add(b, x)"], "y");
      return wordsOf(finish(propagatingFacts(graph, maxBytes)));
    };
    expect(left(47)).toEqual(["b = Neg(a)", "y = Add(b, x)"]);
    expect(left(48)).toEqual(["y = Add(b, x)"]);
  });

  test("what has very many elements", () => {
    const one: TensorData = { dtype: "uint8", dims: [], data: Uint8Array.of(1) };
    const graph = (size: number) => inWords({ one, s: int64(2 ** 14, size) }, ["y = Expand(one, s)"], "y");
    expect(propagateFacts(graph(2 ** 14 + 1)).nodes).toHaveLength(1);
  });

  test("what takes too much work, which is tried once", () => {
    const graph = inWords({ a: weights(1024, 1024), b: weights(1024, 256) }, ["y = MatMul(a, b)"], "y");
    let units = 0;
    const watch = {
      check() {},
      spend(more: number) {
        units += more;
      },
    };
    expect(finish(propagatingFacts(graph), watch).nodes).toEqual(graph.nodes);
    expect(units).toBeGreaterThan(1 << 27);
    units = 0;
    expect(finish(propagatingFacts(graph), watch).nodes).toEqual(graph.nodes);
    expect(units).toBeLessThan(1 << 20);
  });
});

describe("dequantised constants", () => {
  const quantised: TensorData = { dtype: "int8", dims: [3], data: Int8Array.of(1, -2, 3) };
  const nodes = ["w = DequantizeLinear(q, s)", "y = Add(x, w)"];
  const graph = inWords({ x: input(3), q: quantised, s: scalar(0.5) }, nodes, "y");

  test("stay for the pass that looks for them, and fold behind it", () => {
    expectUntouched(propagatingQuantizedFacts, graph);
    expect(wordsOf(rewritten(foldingDequantized, graph))).toEqual(["y = Add(x, w)"]);
    expect(wordsOf(rewritten(propagateFacts, graph))).toEqual(["y = Add(x, w)"]);
  });

  test("are all that is folded for: a graph without them is given back as it is", () => {
    const fed = inWords({ q: { dtype: "int8", dims: [3] }, s: scalar(0.5), x: input(3) }, nodes, "y");
    expect(finish(foldingDequantized(fed))).toBe(fed);
    const none = inWords({ a: weights(3), x: input(3) }, ["b = Neg(a)", "y = Add(x, b)"], "y");
    expect(finish(foldingDequantized(none))).toBe(none);
  });
});
