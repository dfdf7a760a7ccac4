import { describe, expect, test } from "vitest";
import { compile, prepare } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import type { Fact, Graph } from "../../src/graph/graph.ts";
import { defaultAttributes } from "../../src/ops/attributes.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { findOp } from "../../src/ops/table.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import type { TensorData } from "../../src/tensor.ts";
import { random } from "../support/random.ts";

const SIZE = 24;
/** Where the odd value is put: inside the tile of rows and columns 8 to 11, out of reach of all other tiles. */
const ODD = 9;
const executors = { plain: createExecutor("plain"), relaxed: createExecutor("relaxed") };

type Image = TensorData<"float32">;

/** A 3×3 convolution in kernels and by its definition, and Σ|w·x| of each output. */
function convolve(simd: keyof typeof executors, winograd: boolean, x: Image, w: Image) {
  const attributes = { ...defaultAttributes(findOp("", "Conv")?.attributes ?? {}), pads: [1, 1, 1, 1] };
  const node = {
    name: "y",
    op: "Conv",
    domain: "",
    opset: 22,
    attributes,
    inputs: ["x", "w"],
    outputs: ["y"],
  };
  const facts = new Map<string, Fact>([
    ["x", { dtype: "float32", dims: x.dims }],
    ["w", { dtype: "float32", dims: w.dims, data: w }],
    ["y", { dtype: "float32", dims: x.dims }],
  ]);
  const graph: Graph = { name: "graph", inputs: ["x"], outputs: ["y"], nodes: [node], facts };
  const options = { level: "all", winograd } as const;
  const stage = compile(prepare(graph, options), new Map([["x", x.dims]]), options);
  const kernels = stage.plan.steps.map((step) => (step.kind === "kernel" ? step.kernel : "host"));
  expect(kernels.includes("f32_conv_winograd4")).toBe(winograd);
  const [y] = execute(executors[simd], stage, new Map([["x", x]]), ["y"], options) as [Image];
  const exact = (a: Image, b: Image) => {
    const doubled = [a, b].map((t) => ({ dtype: "float64", dims: t.dims, data: Float64Array.from(t.data) }));
    const whole = { ...graph, inputs: ["x", "w"], facts: new Map<string, Fact>() };
    return (interpret(whole, doubled as TensorData[])[0] as TensorData<"float64">).data;
  };
  const absolute = (t: Image): Image => ({ ...t, data: t.data.map(Math.abs) });
  return { y: y.data, exact: exact(x, w), sums: exact(absolute(x), absolute(w)) };
}

function operands(seed: number, channels: number, size = 1): [Image, Image] {
  const draw = random(seed);
  return [
    draw.tensor("float32", [1, channels, SIZE, SIZE], -size, size) as Image,
    draw.tensor("float32", [channels, channels, 3, 3], -1, 1) as Image,
  ];
}

const withOdd = (x: Image, value: number): Image => {
  const data = x.data.slice();
  data[ODD * SIZE + ODD] = value;
  return { ...x, data };
};

const place = (i: number) => [Math.floor(i / SIZE) % SIZE, i % SIZE] as [number, number];
const within = (i: number, low: number, high: number) => place(i).every((p) => p >= low && p <= high);
const inTile = (i: number) => within(i, 8, 11);
const readsOdd = (i: number) => within(i, ODD - 1, ODD + 1);

/** The largest error of the outputs chosen, in units of Σ|w·x|. */
function worst({ y, exact, sums }: ReturnType<typeof convolve>, chosen: (i: number) => boolean): number {
  let most = 0;
  for (let i = 0; i < y.length; i++) {
    if (chosen(i))
      most = Math.max(most, Math.abs((y[i] as number) - (exact[i] as number)) / (sums[i] as number));
  }
  return most;
}

/** The figures of `docs/accuracy.md`: of 8 and of 64 channels. */
describe.each(["plain", "relaxed"] as const)("Winograd's rounding errors, %s", (simd) => {
  test.each([8, 64])(
    "on values of one size, %d channels: three times the direct convolution's",
    (channels) => {
      const [direct, winograd] = [false, true].map((on) =>
        worst(convolve(simd, on, ...operands(1, channels)), () => true),
      );
      expect(direct).toBeLessThan(5e-7);
      expect(winograd).toBeLessThan(1.5e-6);
    },
  );

  test.each([
    [8, 100],
    [64, 10],
  ])("one value of 1e6 among 1e-3, %d channels: noise in its tile, nothing beyond", (channels, limit) => {
    let most = 0;
    for (let seed = 1; seed <= (channels === 8 ? 20 : 3); seed++) {
      const [x, w] = operands(seed, channels, 1e-3);
      const clean = convolve(simd, true, x, w);
      const odd = convolve(simd, true, withOdd(x, 1e6), w);
      most = Math.max(
        most,
        worst(odd, (i) => inTile(i) && !readsOdd(i)),
      );
      expect(odd.y.every((value, i) => inTile(i) || value === clean.y[i])).toBe(true);
      expect(worst(convolve(simd, false, withOdd(x, 1e6), w), () => true)).toBeLessThan(1e-6);
    }
    expect(most).toBeLessThan(limit);
    expect(most).toBeGreaterThan(1);
  });

  test.each([Number.NaN, Infinity])("%d spreads over its tile, and no further", (value) => {
    const [x, w] = operands(2, 16);
    const clean = convolve(simd, true, x, w);
    const odd = convolve(simd, true, withOdd(x, value), w);
    expect(odd.y.every((v, i) => (inTile(i) ? !Number.isFinite(v) : v === clean.y[i]))).toBe(true);
    const direct = convolve(simd, false, withOdd(x, value), w);
    expect(direct.y.every((v, i) => Number.isFinite(v) !== readsOdd(i))).toBe(true);
  });
});
