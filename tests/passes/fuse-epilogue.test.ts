import { describe, expect, test } from "vitest";
import { prepare } from "../../src/compile.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { EXTRA_OPS } from "../../src/ops/extra/index.ts";
import { activationOf, hasEpilogue } from "../../src/ops/facets.ts";
import { OPS } from "../../src/ops/index.ts";
import { unaryCode } from "../../src/ops/kernel-contract.ts";
import type { TensorData } from "../../src/tensor.ts";
import { constantFact, graphOf, type NodeSpec, runCompiled } from "../ops/small-graph.ts";
import { difference } from "../support/compare.ts";
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

test("what others read as well, and what is no activation, stays", () => {
  const facts = { w, x: { dtype: "float32", dims } } as never;
  const nodes = [
    { op: "Conv", inputs: ["x", "w"], outputs: ["h"] },
    { op: "Relu", inputs: ["h"], outputs: ["y"] },
    { op: "Softmax", inputs: ["h"], outputs: ["z"] },
  ];
  const { nodes: left } = prepare(graphOf(["x"], ["y", "z"], nodes, facts), { level: "all" });
  expect(left.map(({ op }) => op)).toEqual(["Conv", "Relu", "Softmax"]);
});
