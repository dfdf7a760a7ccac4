import { describe, expect, test } from "vitest";
import { compile, prepare } from "../../src/compile.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { importModel } from "../../src/onnx/import.ts";
import { settleLayout } from "../../src/passes/settle-layout.ts";
import { assignArena } from "../../src/plan/arena.ts";
import { planStorage } from "../../src/plan/storage.ts";
import type { TensorData } from "../../src/tensor.ts";
import { graphOf } from "../ops/small-graph.ts";
import { type ModelSpec, model, type NodeSpec, node } from "../support/onnx-model.ts";

const image = { dtype: "float32", dims: [1, 4, 2, 2] } as const;
const floats = (dims: readonly number[]): TensorData<"float32"> => ({
  dtype: "float32",
  dims,
  data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(0.5),
});
const longs = (values: readonly number[]): TensorData<"int64"> => ({
  dtype: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});
const range = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** n times what leads from one value to the next, from x to y. */
const chain = (n: number, link: (from: string, to: string, i: number) => NodeSpec[]): NodeSpec[] =>
  range(n, (i) => link(i === 0 ? "x" : `v${i}`, i === n - 1 ? "y" : `v${i + 1}`, i)).flat();
const chained = (n: number, link: (from: string, to: string, i: number) => NodeSpec[]): ModelSpec => ({
  inputs: { x: image },
  outputs: ["y"],
  initializers: { w: floats([4, 4, 1, 1]), c: floats([4]), flat: longs([1, 16]), dims: longs([1, 4, 2, 2]) },
  nodes: chain(n, link),
});

/** n values of x, and what becomes of them all. */
const wide = (n: number, op: string, last: NodeSpec, outputs: readonly string[] = ["y"]): ModelSpec => ({
  inputs: { x: image },
  outputs,
  initializers: { w: floats([4, 4, 1, 1]) },
  nodes: [...range(n, (i) => node(op, op === "Conv" ? ["x", "w"] : ["x"], [`r${i}`])), last],
});
const all = (n: number): string[] => range(n, (i) => `r${i}`);
const rows = (n: number) => ({ x: { dtype: "float32", dims: [n, 4] } }) as const;

const MODELS: Readonly<Record<string, (n: number) => ModelSpec>> = {
  "a chain of Relu": (n) => chained(n, (x, y) => [node("Relu", [x], [y])]),
  "a chain of Identity": (n) => chained(n, (x, y) => [node("Identity", [x], [y])]),
  "a chain of Reshape": (n) => chained(n, (x, y, i) => [node("Reshape", [x, i % 2 ? "dims" : "flat"], [y])]),
  "a chain of residual blocks": (n) =>
    chained(n, (x, y, i) => [
      node("Conv", [x, "w"], [`p${i}`]),
      node("BatchNormalization", [`p${i}`, "c", "c", "c", "c"], [`q${i}`]),
      node("Add", [`q${i}`, x], [y]),
    ]),
  "Concats of Concats of images": (n) =>
    chained(n, (x, y, i) => [
      node("Conv", ["x", "w"], [`r${i}`]),
      node("Concat", [x, `r${i}`], [y], { axis: 1 }),
    ]),
  "a Concat of Identities": (n) => {
    const spec = wide(
      n,
      "Relu",
      node(
        "Concat",
        range(n, (i) => `i${i}`),
        ["y"],
        { axis: 0 },
      ),
    );
    return { ...spec, nodes: [...range(n, (i) => node("Identity", [`r${i}`], [`i${i}`])), ...spec.nodes] };
  },
  "many outputs": (n) => wide(n, "Conv", node("Sum", ["r0", "r1"], ["y"]), ["y", ...all(n)]),
  "nodes in no order": (n) => {
    const spec = wide(n, "Relu", node("Sum", all(n), ["y"]));
    return { ...spec, nodes: [...spec.nodes].reverse() };
  },
  "a Split whose parts are the outputs": (n) => ({
    inputs: rows(n),
    outputs: all(n),
    initializers: { sizes: longs(new Array(n).fill(1)) },
    nodes: [node("Split", ["x", "sizes"], all(n), { axis: 0 })],
  }),
  Constants: (n) => ({
    inputs: { x: image },
    outputs: ["y"],
    nodes: [
      ...range(n, (i) => node("Constant", [], [`c${i}`], { value: floats([4, 1, 1]) })),
      ...chain(n, (x, y, i) => [node("Add", [x, `c${i}`], [y])]),
    ],
  }),
};

/** Less than this is not measured well. */
const LEAST_MS = 20;

/** How many times as long the larger of two works takes, in processor time: what else the machine does counts less. */
function ratio(work: (n: number) => () => void, small: number, large: number): number {
  const milliseconds = (n: number): number => {
    const todo = work(n);
    const start = process.cpuUsage();
    todo();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  milliseconds(small / 4);
  const least = Math.max(milliseconds(small), LEAST_MS);
  return milliseconds(large) / least;
}

describe("planning takes time in proportion to the graph", () => {
  for (const [name, make] of Object.entries(MODELS)) {
    test(name, { timeout: 120_000 }, () => {
      const plan = (n: number) => {
        const bytes = model({ opset: 18, ...make(n) });
        return () => {
          const { graph } = importModel(decodeModel(bytes));
          compile(prepare(graph, { level: "all" }), new Map(), { level: "all" });
        };
      };
      expect(ratio(plan, 1000, 8000)).toBeLessThan(28);
    });
  }
});

describe("so does where values lie", () => {
  const fact = { dtype: "float32", dims: [1, 4, 2, 2] } as const;
  const graphs = {
    "a chain of Relu": (n: number) =>
      range(n, (i) => ({ op: "Relu", inputs: [`v${i}`], outputs: [`v${i + 1}`] })),
    "a chain of Identity": (n: number) =>
      range(n, (i) => ({ op: "Identity", inputs: [`v${i}`], outputs: [`v${i + 1}`] })),
    "Concats of Concats": (n: number) => [
      { op: "Neg", inputs: ["v0"], outputs: ["w0"] },
      ...range(n / 2, (i) => [
        { op: "Relu", inputs: ["v0"], outputs: [`v${i + 1}`] },
        { op: "Concat", inputs: [`w${i}`, `v${i + 1}`], outputs: [`w${i + 1}`], attributes: { axis: 0 } },
      ]).flat(),
    ],
  };
  for (const [name, nodes] of Object.entries(graphs)) {
    test(name, () => {
      const plan = (n: number) => {
        const specs = nodes(n);
        const last = specs.at(-1)?.outputs[0] as string;
        const graph = graphOf(["v0"], [last], specs);
        const facts = new Map(
          range(
            n + 1,
            (i) =>
              [
                [`v${i}`, fact],
                [`w${i}`, { ...fact, dims: [i + 1, 4, 2, 2] }],
              ] as const,
          ).flat(),
        );
        const settled = settleLayout({ ...graph, facts }, { parts: 1, winograd: true, training: false });
        return () => void planStorage(settled.graph, settled.choices);
      };
      expect(ratio(plan, 2000, 40_000)).toBeLessThan(100);
    });
  }

  test("buffers that all live at once", () => {
    const place = (n: number) => {
      const lifetimes = range(n, (i) => ({ bytes: 64 + (i % 7), first: i, last: n }));
      return () => void assignArena(lifetimes);
    };
    expect(ratio(place, 1000, 20_000)).toBeLessThan(100);
  });
});
