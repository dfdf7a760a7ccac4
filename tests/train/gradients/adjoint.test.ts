import { expect, test } from "vitest";
import { compile, prepare } from "../../../src/compile.ts";
import { execute } from "../../../src/execute.ts";
import type { Attributes } from "../../../src/graph/graph.ts";
import { graphBuilder } from "../../../src/nn/build.ts";
import { createExecutor } from "../../../src/runtime/executor.ts";
import type { TensorData } from "../../../src/tensor.ts";
import { differentiate } from "../../../src/train/differentiate.ts";
import { random } from "../../support/random.ts";

/** The sum of dy · Conv(x, w), and its gradients by x and w. */
function run(x: TensorData, w: TensorData, dy: TensorData, attributes: Attributes): TensorData[] {
  const builder = graphBuilder({ name: "adjoint" });
  for (const [name, { dtype, dims }] of Object.entries({ x, w, dy })) builder.input(name, dtype, dims);
  const product = builder.node("Mul", [builder.node("Conv", ["x", "w"], attributes), "dy"]);
  const loss = builder.node("ReduceSum", [product], { keepdims: 0 });
  const gradients = differentiate(builder, loss, new Set(["x", "w"]));
  for (const name of [loss, gradients.get("x"), gradients.get("w")]) builder.output(name as string);
  const graph = builder.finish();
  const options = { level: "all" } as const;
  const stage = compile(prepare(graph, options), new Map(), options);
  const feeds = new Map(Object.entries({ x, w, dy }));
  return execute(createExecutor("plain"), stage, feeds, graph.outputs, options) as TensorData[];
}

const dot = (a: TensorData, b: TensorData): number =>
  (a.data as Float64Array).reduce(
    (sum, value, i) => sum + value * ((b.data as Float64Array)[i] as number),
    0,
  );

// A second derivation beside finite differences: a convolution is linear in x and in w, so its gradients are the adjoint
// maps, ⟨dy, Conv(x′, w)⟩ = ⟨dx, x′⟩ and ⟨dy, Conv(x, w′)⟩ = ⟨dw, w′⟩ for any x′ and w′.
test.each([
  [[2, 4, 7, 6], [6, 4, 3, 3], [2, 6, 7, 6], { pads: [1, 1, 1, 1] }],
  [[1, 4, 9, 8], [6, 2, 3, 2], [1, 6, 4, 3], { group: 2, strides: [2, 3], pads: [0, 1, 1, 0] }],
  [[1, 3, 9, 9], [3, 1, 3, 3], [1, 3, 5, 5], { group: 3, dilations: [2, 2] }],
  [[2, 3, 11], [5, 3, 4], [2, 5, 4], { strides: [2] }],
])("Conv of %j with %j: the gradients are the adjoint maps", (xDims, wDims, yDims, attributes) => {
  const draw = random(xDims.length + wDims.length);
  const [x, x2] = [draw.tensor("float64", xDims, -1, 1), draw.tensor("float64", xDims, -1, 1)];
  const [w, w2] = [draw.tensor("float64", wDims, -1, 1), draw.tensor("float64", wDims, -1, 1)];
  const dy = draw.tensor("float64", yDims, -1, 1);
  const [, dx, dw] = run(x, w, dy, attributes) as [TensorData, TensorData, TensorData];
  expect(dot(dx, x2)).toBeCloseTo(Number(run(x2, w, dy, attributes)[0]?.data[0]), 9);
  expect(dot(dw, w2)).toBeCloseTo(Number(run(x, w2, dy, attributes)[0]?.data[0]), 9);
});
