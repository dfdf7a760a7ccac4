import { describe, expect, test } from "vitest";
import { createData } from "../../src/dtype.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { finish } from "../../src/interruptible.ts";
import {
  atLeast,
  OPTIMIZATION_LEVELS,
  type OptimizationLevel,
  optimizing,
} from "../../src/passes/pipeline.ts";
import type { TensorData } from "../../src/tensor.ts";
import { graphOf } from "../ops/small-graph.ts";
import {
  attributesOf,
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

const optimized = (graph: Graph, level: OptimizationLevel = "all"): Graph =>
  rewritten((given) => optimizing(given, level, verifyGraph), graph);

const NORM = { gamma: weights(4), beta: weights(4), mean: weights(4), variance: weights(4) };
const CONV = { x: input(1, 4, 6, 6), w: weights(4, 4, 3, 3), pads: int64(0, 0, 1, 1, 0, 0, 1, 1) };
const yes: TensorData = { dtype: "bool", dims: [], data: Uint8Array.of(1) };
const int8 = (...dims: number[]): TensorData => {
  const data = createData(
    "int8",
    dims.reduce((a, b) => a * b),
  );
  return { dtype: "int8", dims, data: data.map((_, i) => (i % 11) - 5) };
};

describe("each level does what those below it do:", () => {
  const branch = (op: string) => graphOf([], ["r"], [{ op, inputs: ["n"], outputs: ["r"] }]);
  const graph = inWords(
    { ...CONV, ...NORM, yes, r: input(1, 4, 6, 6) },
    [
      "p = Pad(x, pads)",
      "c = Conv(p, w)",
      "i = Identity(c)",
      "n = BatchNormalization(i, gamma, beta, mean, variance)",
      ["b = If(yes)", { thenBranch: branch("Relu"), elseBranch: branch("Abs") }],
      "g = Sigmoid(b)",
      "y = Mul(b, g)",
      "dead = Neg(x)",
    ],
    "y",
  );

  test.each<[OptimizationLevel, readonly string[]]>([
    ["disabled", ["Pad", "Conv", "Identity", "BatchNormalization", "Relu", "Identity", "Sigmoid", "Mul"]],
    ["basic", ["Conv", "Relu", "Sigmoid", "Mul"]],
    ["extended", ["relu Conv", "lanewise:Silu"]],
    ["layout", ["relu Conv", "lanewise:Silu"]],
    ["all", ["relu Conv", "lanewise:Silu"]],
  ])("%s", (level, expected) => {
    const { nodes } = optimized(graph, level);
    const shown = nodes.map(({ op, domain, activation }) =>
      [activation?.kind, domain === "" ? op : `${domain}:${op}`].filter(Boolean).join(" "),
    );
    expect(shown).toEqual(expected);
  });

  test("they are onnxruntime's, in its order", () => {
    expect(OPTIMIZATION_LEVELS).toEqual(["disabled", "basic", "extended", "layout", "all"]);
    expect(atLeast("extended", "basic")).toBe(true);
    expect(atLeast("basic", "basic")).toBe(true);
    expect(atLeast("disabled", "basic")).toBe(false);
  });
});

/** [what has to come before what, values, nodes, what they become] */
const ORDER: readonly [string, Values, readonly Line[], readonly string[]][] = [
  [
    "identities go before scales fold",
    { ...CONV, ...NORM },
    ["c = Conv(x, w)", "i = Identity(c)", "y = BatchNormalization(i, gamma, beta, mean, variance)"],
    ["y = Conv(x, w#1, w/bias)"],
  ],
  [
    "scales fold before a residual is taken in, and that before an activation",
    { ...CONV, ...NORM, r: input(1, 4, 4, 4) },
    [
      "c = Conv(x, w)",
      "n = BatchNormalization(c, gamma, beta, mean, variance)",
      "s = Add(n, r)",
      "y = Relu(s)",
    ],
    ["y = relu(Conv(x, w#1, w/bias, r))"],
  ],
  [
    "a product takes its bias in before an activation",
    { x: input(3, 4), w: weights(4, 5), b: weights(5) },
    ["p = MatMul(x, w)", "s = Add(p, b)", "y = Relu(s)"],
    ["y = relu(MatMul(x, w, b#1))"],
  ],
  [
    "a gate is found before its halves are taken in, and taken in itself",
    CONV,
    ["c = Conv(x, w)", "g = Sigmoid(c)", "y = Mul(c, g)"],
    ["y = silu(Conv(x, w))"],
  ],
  [
    "a dequantised weight is a constant before a bias looks for a product, where what it meets is not quantised",
    { x: input(3, 4), q: int8(4, 5), s: scalar(0.1), b: weights(5) },
    ["w = DequantizeLinear(q, s)", "p = MatMul(x, w)", "y = Add(p, b)"],
    ["y = MatMul(x, w, b#1)"],
  ],
  [
    "quantised products are found before dequantised weights are constants",
    { x: { dtype: "int8", dims: [3, 4] }, q: int8(4, 5), s: scalar(0.1) },
    ["f = DequantizeLinear(x, s)", "w = DequantizeLinear(q, s)", "p = MatMul(f, w)", "y = Relu(p)"],
    ["y = relu(lanewise:QuantizedGemm(x, s, _, q, s, _, _))"],
  ],
];

describe("in order:", () => {
  test.each(ORDER)("%s", (_, values, nodes, expected) => {
    expect(wordsOf(optimized(inWords(values, nodes, "y")))).toEqual(expected);
  });

  test("an If of a known condition is gone before a half-precision network is widened", () => {
    const fed = { dtype: "float16", dims: [2, 2] } as const;
    const branch = graphOf([], ["r"], [{ op: "MatMul", inputs: ["x", "x"], outputs: ["r"] }]);
    const graph = inWords(
      { x: fed, yes },
      [["y = If(yes)", { thenBranch: branch, elseBranch: branch }]],
      "y",
    );
    const { nodes } = finish(optimizing(graph, "disabled"));
    expect(nodes.map(({ op }) => op)).toEqual(["Cast", "MatMul", "Identity", "Cast"]);
  });

  test("in the end the fact of every value is known, and no others are", () => {
    const nodes = [
      "p = Pad(x, pads)",
      "c = Conv(p, w)",
      "n = BatchNormalization(c, gamma, beta, mean, variance)",
      "y = Relu(n)",
    ];
    const { facts } = optimized(inWords({ ...CONV, ...NORM }, nodes, "y"));
    expect([...facts.keys()].sort()).toEqual(["w#1", "w/bias", "x", "y"]);
    expect(facts.get("y")).toEqual(input(1, 4, 6, 6));
  });
});

test("a kernel of zeros between taps is thinned once scales are folded into it", () => {
  const w = weights(4, 1, 3, 3);
  w.data.forEach((_, i) => {
    if ((i % 3) % 2 === 1 || Math.floor(i / 3) % 3 === 1) w.data[i] = 0;
  });
  const nodes: readonly Line[] = [
    ["c = Conv(x, w)", { group: 4 }],
    "y = BatchNormalization(c, gamma, beta, mean, variance)",
  ];
  const after = optimized(inWords({ x: CONV.x, w, ...NORM }, nodes, "y"));
  expect(after.nodes).toHaveLength(1);
  expect(attributesOf(after, "y")).toMatchObject({ kernelShape: [2, 2], dilations: [2, 2] });
});

test("a graph that breaks an invariant is said to, with the pass behind which it does", () => {
  const graph = inWords({ x: input(2) }, ["a = Neg(x)", "y = Relu(a)"], "y");
  const broken = { ...graph, outputs: ["y", "nowhere"] };
  expect(() => finish(optimizing(broken, "all", verifyGraph))).toThrow(
    /after "propagate facts": nothing writes the output "nowhere"/,
  );
});
