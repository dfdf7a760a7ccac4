import { describe, expect, test } from "vitest";
import { removeIdentity } from "../../src/passes/remove-identity.ts";
import { graphOf } from "../ops/small-graph.ts";
import {
  expectUntouched,
  input,
  int64,
  inWords,
  type Line,
  rewritten,
  scalar,
  type Values,
  weights,
  wordsOf,
} from "../support/graph-words.ts";

const x = { x: input(2, 6) };

/** [operator, values, the node between two others] */
const IDENTITIES: readonly [string, Values, Line][] = [
  ["Identity", x, "b = Identity(a)"],
  ["Cast to its own dtype", x, ["b = Cast(a)", { to: 1 }]],
  ["Transpose that keeps the order", x, ["b = Transpose(a)", { perm: [0, 1] }]],
  ["Reshape to its own dims", { ...x, s: int64(2, 6) }, "b = Reshape(a, s)"],
  ["Expand to its own dims", { ...x, s: int64(2, 1) }, "b = Expand(a, s)"],
  ["Tile once", { ...x, s: int64(1, 1) }, "b = Tile(a, s)"],
  ["Pad by nothing", { ...x, s: int64(0, 0, 0, 0) }, "b = Pad(a, s)"],
  ["Slice of everything", { ...x, s: int64(0), e: int64(6), i: int64(1) }, "b = Slice(a, s, e, i)"],
  ["Dropout at rest", x, "b = Dropout(a)"],
];

describe("a node whose output is its input goes:", () => {
  test.each(IDENTITIES)("%s", (_, values, line) => {
    const graph = inWords(values, ["a = Neg(x)", line, "y = Relu(b)"], "y");
    expect(wordsOf(rewritten(removeIdentity, graph))).toEqual(["a = Neg(x)", "y = Relu(a)"]);
  });

  test("several, one behind the other and read side by side", () => {
    const nodes = ["a = Identity(x)", "b = Identity(a)", "c = Identity(b)", "y = Add(a, c)"];
    expect(wordsOf(rewritten(removeIdentity, inWords(x, nodes, "y")))).toEqual(["y = Add(x, x)"]);
  });

  test("at the end: who wrote its input writes the output, for all who read the input, with the output's fact", () => {
    const nodes = ["z = Abs(x)", "a = Neg(x)", "b = Relu(a)", "y = Identity(a)"];
    const after = rewritten(removeIdentity, inWords(x, nodes, "y, b, z"));
    expect(wordsOf(after)).toEqual(["z = Abs(x)", "y = Neg(x)", "b = Relu(y)"]);
    expect(after.facts.get("y")).toEqual(x.x);
  });

  test("in front of what a subgraph reads", () => {
    const branch = (op: string) => graphOf([], ["r"], [{ op, inputs: ["a"], outputs: ["r"] }]);
    const graph = inWords(
      { ...x, cond: { dtype: "bool", dims: [] } },
      ["a = Identity(x)", ["y = If(cond)", { thenBranch: branch("Relu"), elseBranch: branch("Abs") }]],
      "y",
    );
    const after = rewritten(removeIdentity, graph);
    expect(after.nodes.map(({ op }) => op)).toEqual(["If"]);
    expect(after.nodes[0]?.attributes).toMatchObject({ thenBranch: { nodes: [{ inputs: ["x"] }] } });
  });

  test("where its other output is read by nobody", () => {
    const graph = inWords(x, ["a, m = Dropout(x)", "y = Relu(a)"], "y");
    expect(wordsOf(rewritten(removeIdentity, graph))).toEqual(["y = Relu(x)"]);
  });
});

describe("a node stays where", () => {
  test.each<[string, Values, readonly Line[], string?]>([
    ["it gives an input to the outside", x, ["y = Identity(x)"]],
    ["it gives a constant to the outside", { ...x, w: weights(2) }, ["y = Identity(w)"]],
    ["its input is an output as well", x, ["a = Neg(x)", "y = Identity(a)"], "y, a"],
    ["its other output is read", x, ["a, m = Dropout(x)", ["n = Cast(m)", { to: 1 }], "y = Add(a, n)"]],
    ["its other output is the graph's", x, ["a, m = Dropout(x)", "y = Neg(a)"], "y, m"],
    ["an activation is in it", x, ["a = relu(Identity(x))", "y = Neg(a)"]],
    ["it changes the dtype", x, [["a = Cast(x)", { to: 11 }], "y = Neg(a)"]],
    ["it changes the dims", { ...x, s: int64(6, 2) }, ["a = Reshape(x, s)", "y = Neg(a)"]],
    ["it changes the order", { x: input(4, 4) }, [["a = Transpose(x)", { perm: [1, 0] }], "y = Neg(a)"]],
    [
      "it pads with a number",
      { ...x, s: int64(0, 1, 0, 0), v: scalar(3) },
      ["a = Pad(x, s, v)", "y = Neg(a)"],
    ],
  ])("%s", (_, values, nodes, outputs = "y") => {
    expectUntouched(removeIdentity, inWords(values, nodes, outputs));
  });
});
