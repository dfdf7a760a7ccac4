import { describe, expect, test } from "vitest";
import { prepare } from "../../src/compile.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { unaryCode } from "../../src/kernels/contract.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { EXTRA_OPS } from "../../src/ops/extra.ts";
import { activationOf, hasEpilogue } from "../../src/ops/facets.ts";
import { OPS } from "../../src/ops/index.ts";
import { fuseActivation, fuseResidual } from "../../src/passes/fuse-epilogue.ts";
import type { TensorData } from "../../src/tensor.ts";
import { constantFact, graphOf, type NodeSpec, runCompiled } from "../ops/small-graph.ts";
import { difference } from "../support/compare.ts";
import {
  expectUntouched,
  input,
  inWords,
  type Line,
  rewritten,
  type Values,
  weights,
  wordsOf,
} from "../support/graph-words.ts";
import { random } from "../support/random.ts";

const draw = random(11);
const dims = [1, 4, 3, 3];
const x = draw.tensor("float32", dims, 0.1, 0.9);
const [w, row, vector] = [[4, 4, 1, 1], [4, 3], [4]].map((size) =>
  constantFact(draw.tensor("float32", size, 0.1, 0.3)),
);

/** One node of each operator that takes an activation in, on the image x or the matrix m. */
const HOSTS: readonly Omit<NodeSpec, "outputs">[] = [
  { op: "Conv", inputs: ["x", "w"] },
  { op: "ConvTranspose", inputs: ["x", "w"] },
  { op: "Gemm", inputs: ["m", "row"] },
  { op: "MatMul", inputs: ["m", "row"] },
  { op: "Add", inputs: ["x", "x"] },
  { op: "Sub", inputs: ["x", "x"] },
  { op: "Mul", inputs: ["x", "x"] },
  { op: "Div", inputs: ["x", "x"] },
  { op: "BatchNormalization", inputs: ["x", "vector", "vector", "vector", "vector"] },
];

/** The host, and the activation behind it. */
function graphWith(host: Omit<NodeSpec, "outputs">, activation: Omit<NodeSpec, "inputs" | "outputs">) {
  const image = host.inputs[0] === "x";
  const nodes: NodeSpec[] = [
    { ...host, outputs: ["h"] },
    { ...activation, inputs: ["h"], outputs: ["y"] },
  ];
  const facts = {
    w,
    row,
    vector,
    x: { dtype: "float32", dims },
    m: { dtype: "float32", dims: [5, 4] },
  } as never;
  const input = image ? x : draw.tensor("float32", [5, 4], 0.1, 0.9);
  return { graph: graphOf([host.inputs[0] as string], ["y"], nodes, facts), input };
}

/** The operators of one input that are activations. */
const unary = [...OPS, ...EXTRA_OPS].filter((op) => {
  if (op.inputs.length !== 1) return false;
  const spec = { op: op.type, domain: op.domain ?? "", inputs: ["x"], outputs: ["y"] };
  const [node] = graphOf(["x"], ["y"], [spec]).nodes as [Node];
  return activationOf(node, () => ({ dtype: "float32", dims })) !== undefined;
});

/** What sets the compiled graph apart from its definition. */
function wrong(graph: Graph, input: TensorData): string | undefined {
  const [want] = interpret(graph, [input]) as [TensorData];
  const { actual } = runCompiled(graph, new Map([[graph.inputs[0] as string, input]]));
  return difference(actual as TensorData, want, { rtol: 1e-4, atol: 1e-5 });
}

describe("an activation moves into", () => {
  test.each(HOSTS)("$op", (host) => {
    const { graph, input } = graphWith(host, { op: "Tanh" });
    expect(hasEpilogue(graph.nodes[0] as never)).toBe(true);
    const { nodes } = prepare(graph, { level: "all" });
    expect(nodes.map(({ op, activation }) => [op, activation?.kind])).toEqual([[host.op, "tanh"]]);
    expect(wrong(graph, input)).toBeUndefined();
  });
});

describe("every unary function of the kernels is an activation", () => {
  test("but for a few that no operator of ONNX is", () => {
    expect(unary.length).toBeGreaterThanOrEqual(Object.keys(unaryCode).length - 6);
  });

  test.each(unary.map((op) => [op.type, op.domain ?? ""]))("%s", (op, domain) => {
    const { graph, input } = graphWith({ op: "Conv", inputs: ["x", "w"] }, { op, domain });
    const { nodes } = prepare(graph, { level: "all" });
    expect(nodes.map((node) => node.op)).toEqual(["Conv"]);
    expect(wrong(graph, input)).toBeUndefined();
  });
});

test("Clip is one where its bounds are known and in order", () => {
  const bound = (value: number) => constantFact({ dtype: "float32", dims: [], data: Float32Array.of(value) });
  const clipped = (low: number, high: number) => {
    const facts = { w, low: bound(low), high: bound(high), x: { dtype: "float32", dims } } as never;
    const nodes = [
      { op: "Conv", inputs: ["x", "w"], outputs: ["h"] },
      { op: "Clip", inputs: ["h", "low", "high"], outputs: ["y"] },
    ];
    return prepare(graphOf(["x"], ["y"], nodes, facts), { level: "all" }).nodes.map((node) => node.op);
  };
  expect(clipped(0, 6)).toEqual(["Conv"]);
  expect(clipped(6, 0)).toEqual(["Conv", "Clip"]);
});

describe("an activation stays where", () => {
  const values = { x: input(1, 4, 3, 3), w: weights(4, 4, 1, 1) };
  const norm = { gamma: weights(4), beta: weights(4), mean: weights(4), variance: weights(4) };
  test.each<[string, Values, readonly Line[], string?]>([
    ["others read the host", values, ["c = Conv(x, w)", "y = Relu(c)", "z = Softmax(c)"], "y, z"],
    ["the host is an output", values, ["c = Conv(x, w)", "y = Relu(c)"], "y, c"],
    ["it is none", values, ["c = Conv(x, w)", "y = Softmax(c)"]],
    ["the host has one", values, ["c = tanh(Conv(x, w))", "y = Relu(c)"]],
    ["the host takes none", values, ["c = Softmax(x)", "y = Relu(c)"]],
    [
      "the host gives more",
      { ...values, ...norm },
      [["c, m = BatchNormalization(x, gamma, beta, mean, variance)", {}, 9], "y = Relu(c)"],
    ],
    [
      "the host computes in float64",
      { x: { dtype: "float64", dims: [2, 3] } },
      ["c = Add(x, x)", "y = Relu(c)"],
    ],
  ])("%s", (_, given, nodes, outputs = "y") => {
    expectUntouched(fuseActivation, inWords(given, nodes, outputs));
  });
});

describe("a sum after a convolution becomes its residual", () => {
  const values = { x: input(1, 4, 3, 3), r: input(1, 4, 3, 3), w: weights(4, 4, 1, 1), b: weights(4) };

  test.each<[string, readonly Line[], readonly string[]]>([
    ["from the left", ["c = Conv(x, w)", "y = Add(c, r)"], ["y = Conv(x, w, _, r)"]],
    ["from the right", ["c = Conv(x, w, b)", "y = Add(r, c)"], ["y = Conv(x, w, b, r)"]],
    ["of Sum", ["c = Conv(x, w)", "y = Sum(c, r)"], ["y = Conv(x, w, _, r)"]],
    ["with what follows", ["c = Conv(x, w)", "y = relu(Add(c, r))"], ["y = relu(Conv(x, w, _, r))"]],
    [
      "of the later of two",
      ["c = Conv(x, w)", "d = Conv(r, w)", "y = Add(d, c)"],
      ["c = Conv(x, w)", "y = Conv(r, w, _, c)"],
    ],
    [
      "of the later of two, named first",
      ["c = Conv(x, w)", "d = Conv(r, w)", "y = Add(c, d)"],
      ["c = Conv(x, w)", "y = Conv(r, w, _, c)"],
    ],
    [
      "of the earlier, where the later is read elsewhere",
      ["c = Conv(x, w)", "d = Conv(r, w)", "e = Neg(d)", "s = Add(c, d)", "y = Add(s, e)"],
      ["d = Conv(r, w)", "e = Neg(d)", "s = Conv(x, w, _, d)", "y = Add(s, e)"],
    ],
  ])("%s", (_, nodes, expected) => {
    expect(wordsOf(rewritten(fuseResidual, inWords(values, nodes, "y")))).toEqual(expected);
  });

  const NODES = ["c = Conv(x, w)", "y = Add(c, r)"];
  test.each<[string, Values, readonly Line[], string?]>([
    ["it is read elsewhere", values, [...NODES, "z = Neg(c)"], "y, z"],
    ["it is an output", values, NODES, "y, c"],
    ["it is added to itself", values, ["c = Conv(x, w)", "y = Add(c, c)"]],
    ["what is added repeats", { ...values, r: input(1, 4, 1, 1) }, NODES],
    ["a size is open", { ...values, x: input("n", 4, 3, 3), r: input("n", 4, 3, 3) }, NODES],
    ["a constant is added", { ...values, r: weights(1, 4, 3, 3) }, NODES],
    ["it has a residual", { ...values, s: input(1, 4, 3, 3) }, ["c = Conv(x, w, b, s)", "y = Add(c, r)"]],
    ["it has an activation", values, ["c = relu(Conv(x, w))", "y = Add(c, r)"]],
    ["its weight is fed", { ...values, w: input(4, 4, 1, 1) }, NODES],
    ["it is transposed", values, ["c = ConvTranspose(x, w)", "y = Add(c, r)"]],
    ["it is multiplied", values, ["c = Conv(x, w)", "y = Mul(c, r)"]],
    ["three are summed", values, ["c = Conv(x, w)", "y = Sum(c, r, x)"]],
  ])("but not where %s", (_, given, nodes, outputs = "y") => {
    expectUntouched(fuseResidual, inWords(given, nodes, outputs));
  });
});
