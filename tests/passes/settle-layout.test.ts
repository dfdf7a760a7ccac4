import { describe, expect, test } from "vitest";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import type { Choice } from "../../src/kernels/choose.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import type { OptimizationLevel } from "../../src/passes/pipeline.ts";
import { settleLayout } from "../../src/passes/settle-layout.ts";
import type { TensorData } from "../../src/tensor.ts";
import { runCompiled } from "../ops/small-graph.ts";
import { difference, FLOAT32 } from "../support/compare.ts";
import { input, int64, inWords, weights, wordsOf } from "../support/graph-words.ts";
import { random } from "../support/random.ts";

const SETTINGS = { parts: 1, winograd: true, training: false };

/** How many Relayouts a graph gets, and the settled graph. */
function settled(graph: Graph, propagate = true) {
  const { graph: laidOut, choices } = settleLayout(graph, SETTINGS, propagate);
  verifyGraph(laidOut);
  const lowering = (op: string): string | undefined => {
    const node = laidOut.nodes.find((each) => each.op === op) as Node;
    return (choices.get(node) as Choice).lowering?.name;
  };
  const relayouts = laidOut.nodes.filter(({ op }) => op === "Relayout");
  return { laidOut, lowering, relayouts: relayouts.map(({ outputs: [to] }) => to) };
}

/** Expects that a graph, compiled, gives what its definitions give. */
function expectSame(graph: Graph, level: OptimizationLevel = "all"): void {
  const draw = random(7);
  const feeds = graph.inputs.map((name) => {
    const { dtype, dims = [] } = graph.facts.get(name) as { dtype: "float32"; dims?: readonly number[] };
    return draw.tensor(dtype, dims, -2, 2);
  });
  const [want] = interpret(graph, feeds) as TensorData[];
  const named = new Map(graph.inputs.map((name, i) => [name, feeds[i] as TensorData]));
  const { actual } = runCompiled(graph, named, level);
  expect(difference(actual as TensorData, want as TensorData, FLOAT32)).toBeUndefined();
}

const x = { x: input(1, 8, 6, 5) };
const conv = { w: weights(8, 8, 1, 1) };

describe("values between kernels over images stay channels-last:", () => {
  test("one Relayout on the way in, one on the way out", () => {
    const nodes = ["a = Conv(x, w)", "b = Relu(a)", "c = Add(b, a)", "y = Conv(c, w)"];
    const graph = inWords({ ...x, ...conv }, nodes, "y");
    expect(settled(graph).relayouts).toEqual(["x/channelsLast", "y"]);
    expectSame(graph);
  });

  test("a graph output that others read is relaid once, and they read what suits them", () => {
    const graph = inWords({ ...x, ...conv }, ["a = Conv(x, w)", "y = Conv(a, w)"], "y, a");
    const { laidOut, relayouts } = settled(graph);
    expect(relayouts).toEqual(["x/channelsLast", "a", "y"]);
    expect(wordsOf(laidOut)).toContain("y/channelsLast = Conv(a/channelsLast, w)");
  });

  test("through a Reshape that keeps batch and channels", () => {
    const facts = { ...x, ...conv, flat: int64(1, 8, 30), image: int64(1, 8, 6, 5) };
    const nodes = [
      "a = Conv(x, w)",
      "b = Reshape(a, flat)",
      "c = Relu(b)",
      "d = Reshape(c, image)",
      "y = Conv(d, w)",
    ];
    const graph = inWords(facts, nodes, "y");
    expect(settled(graph).relayouts).toEqual(["x/channelsLast", "y"]);
    expectSame(graph);
  });

  test("not through one that does not", () => {
    const graph = inWords({ ...x, ...conv, s: int64(1, 240) }, ["a = Conv(x, w)", "y = Reshape(a, s)"], "y");
    expect(settled(graph).relayouts).toEqual(["x/channelsLast", "a/rowMajor"]);
    expectSame(graph);
  });
});

describe("what moves the fewest bytes is taken:", () => {
  test("of two that are to be added the smaller is relaid", () => {
    const facts = { ...x, ...conv, r: input(1, 8, 1, 5) };
    const graph = inWords(facts, ["a = Conv(x, w)", "b = Add(a, r)", "y = Conv(b, w)"], "y");
    expect(settled(graph).relayouts).toEqual(["x/channelsLast", "r/channelsLast", "y"]);
    expectSame(graph);
  });

  test("a reader that takes row-major only keeps an element-wise node row-major", () => {
    const facts = { ...x, s: int64(1, 240) };
    const graph = inWords(facts, ["a = Relu(x)", "y = Reshape(a, s)"], "y");
    expect(settled(graph).relayouts).toEqual([]);
  });

  test("8-bit values are relaid rather than the floats that they become", () => {
    const facts = { x: { dtype: "uint8", dims: [1, 8, 6, 5] } as const, s: weights(), ...conv };
    const graph = inWords(facts, ["a = DequantizeLinear(x, s)", "y = Conv(a, w)"], "y");
    expect(settled(graph).relayouts).toEqual(["x/channelsLast", "y"]);
  });

  test("a Transpose that says what the layout says moves nothing", () => {
    const facts = { x: input(1, 6, 5, 8), ...conv };
    const nodes = ["a = Transpose(x)", "b = Conv(a, w)", "y = Transpose(b)"] as const;
    const graph = inWords(
      facts,
      [[nodes[0], { perm: [0, 3, 1, 2] }], nodes[1], [nodes[2], { perm: [0, 2, 3, 1] }]],
      "y",
    );
    const { relayouts, lowering } = settled(graph);
    expect(relayouts).toEqual([]);
    expect(lowering("Transpose")).toBe("view");
    expectSame(graph);
  });

  test("an image of one channel lies the same either way: its Relayout is a view", () => {
    const graph = inWords({ x: input(1, 1, 6, 5), w: weights(1, 1, 3, 3) }, ["y = Conv(x, w)"], "y");
    expect(settled(graph).lowering("Relayout")).toBe("view");
  });
});

describe("a node that no kernel does", () => {
  test("takes its operands row-major: MaxPool with indices", () => {
    const graph = inWords(x, [["y, i = MaxPool(x)", { kernelShape: [2, 2] }]], "y, i");
    const { relayouts, lowering } = settled(graph);
    expect(relayouts).toEqual([]);
    expect(lowering("MaxPool")).toBeUndefined();
  });
});

test("without propagation values are row-major between nodes that take it so", () => {
  const nodes = ["a = Conv(x, w)", "b = Relu(a)", "y = Conv(b, w)"];
  const graph = inWords({ ...x, ...conv }, nodes, "y");
  expect(settled(graph, false).relayouts).toEqual(["x/channelsLast", "a/rowMajor", "b/channelsLast", "y"]);
});

test("a constant that goes along with an image stays as it is", () => {
  const graph = inWords(
    { ...x, ...conv, k: weights(1, 8, 6, 5) },
    ["a = Conv(x, w)", "b = Sub(k, a)", "y = Conv(b, w)"],
    "y",
  );
  expect(settled(graph).relayouts).toEqual(["x/channelsLast", "y"]);
  expectSame(graph);
});

describe("views that storage refuses are copied:", () => {
  test.each([
    ["Reshape", { s: int64(1, 240) }, "y = Reshape(a, s)"],
    ["Flatten", {}, "y = Flatten(a)"],
    ["Squeeze", { s: int64(0) }, "y = Squeeze(a, s)"],
    ["Unsqueeze", { s: int64(0) }, "y = Unsqueeze(a, s)"],
    ["Identity", {}, "y = Identity(a)"],
  ])("%s where nothing shares bytes", (op, values, line) => {
    const graph = inWords({ ...x, ...values }, ["a = Neg(x)", line], "y");
    expectSame(graph, "disabled");
    const feeds = new Map([["x", random(3).tensor("float32", [1, 8, 6, 5])]]);
    const { kernels } = runCompiled(graph, feeds, "disabled");
    expect(kernels, op).toEqual(["f32_unary", "x32_copy"]);
  });
});
