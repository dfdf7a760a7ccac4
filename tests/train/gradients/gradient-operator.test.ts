import { describe, expect, test } from "vitest";
import { compile, prepare } from "../../../src/compile.ts";
import { UnsupportedOperatorError } from "../../../src/errors.ts";
import { execute } from "../../../src/execute.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import { verifyGraph } from "../../../src/graph/verify.ts";
import { type GraphBuilder, graphBuilder } from "../../../src/nn/build.ts";
import { createExecutor } from "../../../src/runtime/executor.ts";
import type { TensorData } from "../../../src/tensor.ts";
import { differentiate } from "../../../src/train/differentiate.ts";

const DOMAIN = "ai.onnx.preview.training";
const floats = (dims: readonly number[], ...data: number[]): TensorData => ({
  dtype: "float32",
  dims,
  data: Float32Array.from(data),
});

function run(graph: Graph, feeds: Record<string, TensorData>): number[][] {
  return (["all", "disabled"] as const).map((level) => {
    const options = { level, verify: verifyGraph };
    const dims = new Map(Object.entries(feeds).map(([name, value]) => [name, value.dims]));
    const stage = compile(prepare(graph, options), dims, options);
    const results = execute(
      createExecutor("plain"),
      stage,
      new Map(Object.entries(feeds)),
      graph.outputs,
      options,
    );
    return (results as TensorData[]).flatMap((value) => Array.from(value.data as Float32Array));
  });
}

const build = (make: (b: GraphBuilder) => void): Graph => {
  const b = graphBuilder({ name: "g" });
  make(b);
  return b.finish();
};

describe("the Gradient operator", () => {
  test("differentiates what its y is made of, for any batch", () => {
    const graph = build((b) => {
      b.input("x", "float32", ["N"]);
      b.input("k", "float32", []);
      b.constant("three", floats([], 3));
      b.node("Mul", ["x", "x"], {}, { outputs: ["square"] });
      b.node("Mul", ["square", "k"], {}, { outputs: ["scaled"] });
      b.node("Add", ["scaled", "three"], {}, { outputs: ["y"] });
      b.node("Gradient", ["x"], { xs: ["x"], y: "y" }, { domain: DOMAIN, outputs: ["dx"] });
      b.output("dx");
      b.output("y");
    });
    for (const found of run(graph, { x: floats([2], 3, -2), k: floats([], 5) }))
      expect(found).toEqual([30, -20, 48, 23]);
    for (const found of run(graph, { x: floats([1], 4), k: floats([], 0.5) })) expect(found).toEqual([4, 11]);
  });

  test("differentiates by a value between, for any batch", () => {
    const graph = build((b) => {
      b.input("x", "float32", ["N", 2]);
      b.constant("three", floats([], 3));
      b.node("Mul", ["x", "three"], {}, { outputs: ["scaled"] });
      b.node("Mul", ["scaled", "scaled"], {}, { outputs: ["y"] });
      b.node("Gradient", ["scaled"], { xs: ["scaled"], y: "y" }, { domain: DOMAIN, outputs: ["d"] });
      b.output("d");
    });
    for (const found of run(graph, { x: floats([1, 2], 1, -2) })) expect(found).toEqual([6, -12]);
    for (const found of run(graph, { x: floats([2, 2], 1, 2, 3, 4) })) expect(found).toEqual([6, 12, 18, 24]);
  });

  test("takes its inputs for the values named, and gives zeros where y does not depend on one", () => {
    const graph = build((b) => {
      for (const name of ["a", "b", "other"]) b.input(name, "float32", [2]);
      b.node("Mul", ["a", "a"], {}, { outputs: ["s"] });
      b.node("Mul", ["s", "b"], {}, { outputs: ["y"] });
      b.node(
        "Gradient",
        ["other", "a", "b"],
        { xs: ["s", "a"], zs: ["b"], y: "y" },
        { domain: DOMAIN, outputs: ["ds", "da"] },
      );
      b.output("ds");
      b.output("da");
    });
    const feeds = { a: floats([2], 1, 2), b: floats([2], 7, 8), other: floats([2], 0, 0) };
    for (const found of run(graph, feeds)) expect(found).toEqual([7, 8, 0, 0]);
  });

  test("differentiates gradients", () => {
    const graph = build((b) => {
      b.input("x", "float32", [2]);
      b.node("Mul", ["x", "x"], {}, { outputs: ["square"] });
      b.node("Mul", ["square", "x"], {}, { outputs: ["y"] });
      b.node("Gradient", ["x"], { xs: ["x"], y: "y" }, { domain: DOMAIN, outputs: ["first"] });
      b.node("Gradient", ["x"], { xs: ["x"], y: "first" }, { domain: DOMAIN, outputs: ["second"] });
      b.output("first");
      b.output("second");
    });
    for (const found of run(graph, { x: floats([2], 2, -3) })) expect(found).toEqual([12, 27, 12, -18]);
  });
});

test("every node without a gradient rule is listed at once", () => {
  const b = graphBuilder({ name: "g" });
  b.input("x", "float32", [2, 3, 3]);
  b.node("Hardmax", ["x"], {}, { outputs: ["first"] });
  b.node("Relu", ["first"], {}, { outputs: ["between"] });
  b.node("Det", ["between"], {}, { outputs: ["second"] });
  b.node("ReduceSum", ["second"], { keepdims: 0 }, { outputs: ["loss"] });
  let thrown: unknown;
  try {
    differentiate(b, "loss", new Set(["x"]));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UnsupportedOperatorError);
  expect((thrown as UnsupportedOperatorError).nodes.map(({ op, reason }) => [op, reason])).toEqual([
    ["Det", "it has no gradient rule"],
    ["Hardmax", "it has no gradient rule"],
  ]);
});
