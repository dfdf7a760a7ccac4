import { describe, expect, test } from "vitest";
import { inlineIf } from "../../src/passes/inline-if.ts";
import type { TensorData } from "../../src/tensor.ts";
import { constantFact, graphOf, type NodeSpec } from "../ops/small-graph.ts";
import { expectUntouched, input, inWords, rewritten, weights, wordsOf } from "../support/graph-words.ts";

const bool = (value: boolean): TensorData => ({
  dtype: "bool",
  dims: [],
  data: Uint8Array.of(value ? 1 : 0),
});
const values = { x: input(2, 3), k: weights(3) };
const spec = (op: string, inputs: string[], outputs: string[], attributes = {}): NodeSpec => ({
  op,
  inputs,
  outputs,
  attributes,
});

/** relu(x + c), with a constant of its own, and −|x|. */
const branches = {
  thenBranch: graphOf([], ["r"], [spec("Add", ["x", "c"], ["s"]), spec("Relu", ["s"], ["r"])], {
    c: constantFact(weights(3)),
  }),
  elseBranch: graphOf([], ["r"], [spec("Abs", ["x"], ["s"]), spec("Neg", ["s"], ["r"])]),
};

describe("an If of a known condition becomes", () => {
  test("its first branch, which brings its constants", () => {
    const after = rewritten(inlineIf, inWords({ ...values, c: bool(true) }, [["y = If(c)", branches]], "y"));
    expect(wordsOf(after)).toEqual(["If0/s = Add(x, If0/c)", "If0/r = Relu(If0/s)", "y = Identity(If0/r)"]);
    expect(after.facts.get("If0/c")?.data).toBe(branches.thenBranch.facts.get("c")?.data);
  });

  test("its second branch", () => {
    const after = rewritten(inlineIf, inWords({ ...values, c: bool(false) }, [["y = If(c)", branches]], "y"));
    expect(wordsOf(after)).toEqual(["If0/s = Abs(x)", "If0/r = Neg(If0/s)", "y = Identity(If0/r)"]);
  });

  test("what the branch takes from outside, where that is its output", () => {
    const around = graphOf([], ["x"], []);
    const nodes = [["y = If(c)", { thenBranch: around, elseBranch: around }]] as const;
    expect(wordsOf(rewritten(inlineIf, inWords({ ...values, c: bool(true) }, nodes, "y")))).toEqual([
      "y = Identity(x)",
    ]);
  });

  test("only the outputs that it has", () => {
    const two = graphOf([], ["p", "q"], [spec("Abs", ["x"], ["p"]), spec("Neg", ["x"], ["q"])]);
    const nodes = [["_, y = If(c)", { thenBranch: two, elseBranch: two }]] as const;
    expect(wordsOf(rewritten(inlineIf, inWords({ ...values, c: bool(true) }, nodes, "y")))).toEqual([
      "If0/p = Abs(x)",
      "If0/q = Neg(x)",
      "y = Identity(If0/q)",
    ]);
  });

  test("names that stay apart: two Ifs of the same branches, and values that are called so", () => {
    const graph = inWords(
      { ...values, c: bool(false) },
      [
        "If1/s = Relu(x)",
        ["a = If(c)", branches],
        ["b = If(c)", branches],
        "t = Add(a, b)",
        "y = Add(t, If1/s)",
      ],
      "y",
    );
    expect(wordsOf(rewritten(inlineIf, graph))).toEqual([
      "If1/s = Relu(x)",
      "If1/s#1 = Abs(x)",
      "If1/r = Neg(If1/s#1)",
      "a = Identity(If1/r)",
      "If2/s = Abs(x)",
      "If2/r = Neg(If2/s)",
      "b = Identity(If2/r)",
      "t = Add(a, b)",
      "y = Add(t, If1/s)",
    ]);
  });

  test("names in subgraphs of its nodes, too", () => {
    const inner = { ...spec("If", ["d"], ["r"]), attributes: {} as NodeSpec["attributes"] };
    const reads = graphOf([], ["o"], [spec("Neg", ["s"], ["o"])]);
    const outer = graphOf(
      [],
      ["r"],
      [spec("Abs", ["x"], ["s"]), { ...inner, attributes: { thenBranch: reads, elseBranch: reads } }],
    );
    const given = { ...values, c: bool(true), d: { dtype: "bool", dims: [] } } as const;
    const after = rewritten(
      inlineIf,
      inWords(given, [["y = If(c)", { thenBranch: outer, elseBranch: outer }]], "y"),
    );
    expect(wordsOf(after)).toEqual(["If0/s = Abs(x)", "If0/r = If(d)", "y = Identity(If0/r)"]);
    expect(after.nodes[1]?.attributes).toMatchObject({ thenBranch: { nodes: [{ inputs: ["If0/s"] }] } });
  });
});

test("names do not grow without end where Ifs nest", () => {
  const long = "n".repeat(2000);
  const branch = graphOf([], [long], [spec("Abs", ["x"], [long])]);
  const graph = inWords(
    { ...values, c: bool(true) },
    [["y = If(c)", { thenBranch: branch, elseBranch: branch }]],
    "y",
  );
  expect(wordsOf(rewritten(inlineIf, graph))).toEqual([`${long} = Abs(x)`, `y = Identity(${long})`]);
});

test("an If stays where its condition is not known", () => {
  expectUntouched(
    inlineIf,
    inWords({ ...values, c: { dtype: "bool", dims: [] } }, [["y = If(c)", branches]], "y"),
  );
});
