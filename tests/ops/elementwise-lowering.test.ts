import { describe, expect, it } from "vitest";
import { compile, prepare } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import type { AttributeValue, Fact, FusedActivation, Graph, Node } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { inferNode } from "../../src/ops/infer.ts";
import { findOp } from "../../src/ops/table.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import type { TensorData } from "../../src/tensor.ts";
import { floats, numbersOf, randomFloats, runLowered, type Setting } from "./run-op.ts";

const TOLERANCE = 2e-6;

function expectClose(actual: TensorData | undefined, expected: TensorData | undefined): void {
  expect(actual?.dims).toEqual(expected?.dims);
  const [a, e] = [numbersOf(actual), numbersOf(expected)];
  const worst = e.reduce(
    (far, value, i) => Math.max(far, Math.abs((a[i] as number) - value) / (1 + Math.abs(value))),
    0,
  );
  expect(worst).toBeLessThan(TOLERANCE);
}

function check(
  kernel: string,
  type: string,
  inputs: TensorData[],
  constants: number[] = [],
  setting: Setting = {},
): void {
  const { kernels, actual, expected } = runLowered(type, inputs, constants, setting);
  expect(new Set(kernels)).toEqual(new Set(kernel.split(" ")));
  expectClose(actual[0], expected[0]);
}

const positive = (x: TensorData): TensorData =>
  floats(
    x.dims,
    numbersOf(x).map((value) => Math.abs(value) + 0.1),
  );

describe("row-major", () => {
  const x = randomFloats([2, 3, 5, 7], 1);
  const unaries =
    "Abs Ceil Celu Cos Elu Erf Exp Floor Gelu HardSigmoid HardSwish LeakyRelu Mish Neg Relu Round Selu Sigmoid Sign Sin Softplus Softsign Swish Tanh ThresholdedRelu";
  it.each(unaries.split(" "))("%s", (type) => check("f32_unary", type, [x]));
  it.each(["Log", "Sqrt", "Reciprocal"])("%s", (type) => check("f32_unary", type, [positive(x)]));
  it("Gelu by tanh", () => check("f32_unary", "Gelu", [x], [], { attributes: { approximate: "tanh" } }));
  it("Clip", () => check("f32_unary", "Clip", [x, floats([], [-0.25]), floats([], [0.5])], [1, 2]));
  it("Clip with a bound known only at run time", () => check("host", "Clip", [x, floats([], [-0.25])], []));

  const shapes: [number[], number[]][] = [
    [
      [2, 3, 5, 7],
      [2, 3, 5, 7],
    ],
    [[2, 3, 5, 7], []],
    [[], [3, 4]],
    [
      [2, 3, 5, 7],
      [3, 1, 1],
    ],
    [
      [2, 3, 5, 7],
      [5, 1],
    ],
    [
      [2, 1, 5, 1],
      [3, 1, 7],
    ],
    [
      [4, 1, 3, 1, 2, 1, 2],
      [1, 2, 1, 3, 1, 2, 1],
    ],
  ];
  it.each(["Add", "Sub", "Mul", "Div", "Min", "Max", "Pow"])("%s, broadcast", (type) => {
    for (const [a, b] of shapes) {
      const kernel = a.length === 7 ? "host" : "f32_binary";
      check(kernel, type, [positive(randomFloats(a, 2)), positive(randomFloats(b, 3))]);
    }
  });
  it("Pow by a constant 2", () => check("f32_unary", "Pow", [x, floats([], [2])], [1]));
  it.each(["Sum", "Max"])("%s of three", (type) =>
    check("f32_binary", type, [x, randomFloats([3, 1, 1], 4), randomFloats([7], 5)]),
  );
  it("Mean of three", () =>
    check("f32_binary f32_unary", "Mean", [x, randomFloats([3, 1, 1], 4), randomFloats([7], 5)]));
  it("Add with an activation", () => {
    const activation = { kind: "clip", alpha: -0.5, beta: 0.75 };
    check("f32_binary", "Add", [x, randomFloats([5, 1], 6)], [], { activation });
  });
  it("an old Add with an axis", () =>
    check("f32_binary", "Add", [x, randomFloats([3, 5], 7)], [], {
      opset: 6,
      attributes: { axis: 1, broadcast: 1 },
    }));
  it("PRelu along the last axis", () =>
    check("f32_prelu", "PRelu", [randomFloats([6, 5], 8), randomFloats([5], 9)]));
});

describe("channels-last", () => {
  interface Step {
    readonly op: string;
    readonly inputs: readonly string[];
    readonly attributes?: Record<string, AttributeValue>;
    readonly activation?: FusedActivation;
  }

  /** Nodes after each other on `x`, with constants by name; the last node's output compared with the interpreter's. */
  function run(x: TensorData, constants: Record<string, TensorData>, steps: readonly Step[]): string[] {
    const facts = new Map<string, Fact>([["x", { dtype: x.dtype, dims: x.dims }]]);
    for (const [name, data] of Object.entries(constants))
      facts.set(name, { dtype: data.dtype, dims: data.dims, data });
    const nodes = steps.map(({ op, inputs, attributes, activation }, i): Node => {
      const schema = Object.entries(findOp("", op)?.attributes ?? {}).map(([key, spec]) => [
        key,
        spec.default,
      ]);
      return {
        name: `n${i}`,
        op,
        domain: "",
        opset: 22,
        attributes: { ...Object.fromEntries(schema), ...attributes },
        inputs,
        outputs: [`v${i}`],
        ...(activation && { activation }),
      };
    });
    for (const node of nodes) {
      const [fact] = inferNode(node, (name) => facts.get(name));
      if (fact !== undefined) facts.set(node.outputs[0] as string, fact);
    }
    const outputs = [`v${steps.length - 1}`];
    const graph: Graph = { name: "graph", inputs: ["x"], outputs, nodes, facts };
    const options = { level: "all", verify: verifyGraph } as const;
    const dims = new Map([["x", x.dims]]);
    const stage = compile(prepare(graph, options), dims, options);
    const [actual] = execute(
      createExecutor("plain"),
      stage,
      new Map([["x", x]]),
      outputs,
      options,
    ) as TensorData[];
    expectClose(actual, interpret(graph, [x])[0] as TensorData);
    return stage.plan.steps.map((step) => (step.kind === "kernel" ? step.kernel : `host ${step.op}`));
  }

  const x = randomFloats([2, 4, 5, 6], 11);
  const conv: Step = { op: "Conv", inputs: ["x", "w"] };
  const w = randomFloats([6, 4, 1, 1], 12);

  it.each([
    ["a scalar", []],
    ["channels", [6, 1, 1]],
    ["channels, rank 4", [1, 6, 1, 1]],
    ["rows", [5, 1]],
    ["columns", [6]],
    ["an image", [6, 5, 6]],
    ["a batch", [2, 1, 1, 1]],
    ["everything", [2, 6, 5, 6]],
  ])("Max with a constant of %s", (_, dims) => {
    const b = dims.length === 0 ? floats([], [0.1]) : randomFloats(dims, 13);
    const kernels = run(x, { w, b }, [conv, { op: "Max", inputs: ["v0", "b"] }]);
    expect(kernels).toContain("f32_binary");
    expect(kernels.filter((kernel) => kernel.startsWith("host"))).toEqual([]);
  });

  it.each([[[6, 1, 1]], [[1, 6, 1, 1]], [[1]]])("PRelu with a slope of %j", (dims) => {
    const kernels = run(x, { w, slope: randomFloats(dims, 14) }, [
      conv,
      { op: "PRelu", inputs: ["v0", "slope"] },
    ]);
    expect(kernels.filter((kernel) => kernel.startsWith("host"))).toEqual([]);
  });

  it("windows of a wider buffer", () => {
    const kernels = run(x, { w }, [
      conv,
      { op: "Neg", inputs: ["v0"] },
      { op: "Sin", inputs: ["v1"] },
      { op: "Add", inputs: ["v1", "v2"] },
      { op: "Concat", inputs: ["v2", "v3"], attributes: { axis: 1 } },
      { op: "Sigmoid", inputs: ["v4"] },
    ]);
    expect(kernels.filter((kernel) => kernel.startsWith("host"))).toEqual([]);
  });

  it("gates by pooled channels", () => {
    const kernels = run(x, { w }, [
      conv,
      { op: "GlobalAveragePool", inputs: ["v0"] },
      { op: "HardSigmoid", inputs: ["v1"] },
      { op: "Mul", inputs: ["v0", "v2"] },
      { op: "Softplus", inputs: ["v3"] },
    ]);
    expect(kernels.filter((kernel) => kernel.startsWith("host"))).toEqual([]);
  });
});
