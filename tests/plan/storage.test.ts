import { describe, expect, test } from "vitest";
import { compile, prepare } from "../../src/compile.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";
import { random } from "../kernels/harness.ts";
import { constantFact, graphOf, runCompiled } from "../ops/small-graph.ts";

const next = random(3);
const tensor = (dims: readonly number[]): TensorData<"float32"> => ({
  dtype: "float32",
  dims,
  data: Float32Array.from({ length: elementCount(dims) }, next),
});

/** 1x1 to `channels`, depthwise 3x3, 1x1 to 4. */
function separable(channels: number) {
  const x = tensor([2, 4, 6, 5]);
  const graph = graphOf(
    ["x"],
    ["y"],
    [
      { op: "Conv", inputs: ["x", "expand"], outputs: ["a"] },
      { op: "Conv", inputs: ["a", "w"], outputs: ["b"], attributes: { group: channels, pads: [1, 1, 1, 1] } },
      { op: "Conv", inputs: ["b", "project"], outputs: ["y"] },
    ],
    {
      x: { dtype: "float32", dims: x.dims },
      expand: constantFact(tensor([channels, 4, 1, 1])),
      w: constantFact(tensor([channels, 1, 3, 3])),
      project: constantFact(tensor([4, channels, 1, 1])),
    },
  );
  return { x, graph };
}

/** Elements from pixel to pixel of the depthwise convolution's input and output, from its SpatialShape. */
function pixelStrides(channels: number): number[] {
  const { x, graph } = separable(channels);
  const options = { level: "all", verify: verifyGraph } as const;
  const { plan } = compile(prepare(graph, options), new Map([["x", x.dims]]), options);
  const step = plan.steps.find((one) => one.kind === "kernel" && one.kernel === "f32_dwconv");
  if (step?.kind !== "kernel") throw new Error("no depthwise step");
  const shape = step.args[0] as { readonly buffer: number };
  const at = plan.buffers[shape.buffer];
  if (at?.kind !== "table") throw new Error("no shape");
  const fields = new DataView(plan.tables.buffer, plan.tables.byteOffset + at.offsetBytes);
  return [fields.getInt32(4 * 4, true), fields.getInt32(8 * 4, true)];
}

test("pixels that would collide in the cache are moved apart around a depthwise convolution", () => {
  const { x, graph } = separable(128);
  const [want] = interpret(graph, [x]) as [TensorData];
  const { actual } = runCompiled(graph, new Map([["x", x]]));
  const [a, b] = [actual?.data as Float32Array, want.data as Float32Array];
  expect(a.length).toBe(b.length);
  a.forEach((value, i) => {
    expect(Math.abs(value - (b[i] as number))).toBeLessThan(1e-4);
  });
  expect(pixelStrides(128)).toEqual([144, 144]);
});

test("others stay as dense as they are", () => {
  expect(pixelStrides(96)).toEqual([96, 96]);
});

describe("an output takes the place of no input of which a window or a view is read beside it", () => {
  const facts = { x: { dtype: "float32", dims: [3, 4] } } as const;
  const list = (...values: number[]) =>
    constantFact({ dtype: "int64", dims: [values.length], data: BigInt64Array.from(values, BigInt) });
  test.each(["Add", "Sub", "Mul", "Max"])("%s of the whole and its first row", (op) => {
    const graph = graphOf(
      ["x"],
      ["y"],
      [
        { op: "Neg", inputs: ["x"], outputs: ["a"] },
        { op: "Slice", inputs: ["a", "from", "to"], outputs: ["row"] },
        { op, inputs: ["a", "row"], outputs: ["b"] },
        { op: "Abs", inputs: ["b"], outputs: ["y"] },
      ],
      { ...facts, from: list(0), to: list(1) },
    );
    const x = tensor([3, 4]);
    const [want] = interpret(graph, [x]) as [TensorData];
    expect(runCompiled(graph, new Map([["x", x]])).actual?.data).toEqual(want.data);
  });
});
