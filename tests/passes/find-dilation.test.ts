import { expect, test } from "vitest";
import { interpret } from "../../src/ops/evaluate.ts";
import { findDilation } from "../../src/passes/find-dilation.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";
import { random } from "../kernels/harness.ts";
import { constantFact, graphOf } from "../ops/small-graph.ts";

function tensor(dims: readonly number[], next: () => number): TensorData<"float32"> {
  return { dtype: "float32", dims, data: Float32Array.from({ length: elementCount(dims) }, next) };
}

/** Depthwise over 3 channels, its kernel [9, 5] zero wherever `keep` says so. */
function run(keep: (row: number, column: number) => boolean, dilations = [1, 1]) {
  const next = random(7);
  const w = tensor([3, 1, 9, 5], next);
  w.data.forEach((_, i) => {
    if (!keep(Math.floor(i / 5) % 9, i % 5)) w.data[i] = 0;
  });
  const x = tensor([1, 3, 23, 21], next);
  const graph = graphOf(
    ["x"],
    ["y"],
    [
      {
        op: "Conv",
        inputs: ["x", "w"],
        outputs: ["y"],
        attributes: { group: 3, kernelShape: [9, 5], pads: [4, 2, 3, 1], strides: [2, 1], dilations },
      },
    ],
    { x: { dtype: "float32", dims: x.dims }, w: constantFact(w) },
  );
  const found = findDilation(graph);
  const [want] = interpret(graph, [x]) as [TensorData];
  const [actual] = interpret(found, [x]) as [TensorData];
  expect(actual.dims).toEqual(want.dims);
  expect([...(actual.data as Float32Array)]).toEqual([...(want.data as Float32Array)]);
  const { kernelShape, dilations: steps } = found.nodes[0]?.attributes ?? {};
  return [kernelShape, steps];
}

test("a kernel written out with zeros becomes a dilated one", () => {
  expect(run((row, column) => row % 4 === 0 && column % 2 === 0)).toEqual([
    [3, 3],
    [4, 2],
  ]);
});

test("one axis alone, and on top of a dilation", () => {
  expect(run((row) => row % 2 === 0, [2, 2])).toEqual([
    [5, 5],
    [4, 2],
  ]);
});

test("a kernel with one tap off the grid stays", () => {
  expect(run((row, column) => (row % 4 === 0 && column % 2 === 0) || (row === 3 && column === 1))).toEqual([
    [9, 5],
    [1, 1],
  ]);
});
