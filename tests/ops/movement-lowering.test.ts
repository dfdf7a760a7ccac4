import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import type { TensorData } from "../../src/tensor.ts";
import { longs, numbersOf, randomFloats } from "./run-op.ts";
import { constantFact, graphOf, type NodeSpec, runCompiled } from "./small-graph.ts";

interface Case {
  readonly name: string;
  readonly op: string;
  readonly dims: readonly number[];
  readonly constants?: readonly TensorData[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** How often the data stands among the inputs; constants follow. */
  readonly copies?: number;
  readonly outputs?: number;
}

const list = (...values: number[]) => longs([values.length], values);

const cases: readonly Case[] = [
  {
    name: "Transpose of two blocks",
    op: "Transpose",
    dims: [2, 3, 5, 7],
    attributes: { perm: [2, 3, 0, 1] },
  },
  {
    name: "Transpose within a batch",
    op: "Transpose",
    dims: [2, 3, 5, 7],
    attributes: { perm: [0, 3, 1, 2] },
  },
  { name: "Transpose of rows", op: "Transpose", dims: [2, 3, 5, 7], attributes: { perm: [0, 2, 1, 3] } },
  { name: "Transpose of everything", op: "Transpose", dims: [2, 3, 5, 7] },
  { name: "Concat of channels", op: "Concat", dims: [2, 5, 3, 3], attributes: { axis: 1 }, copies: 2 },
  { name: "Concat of rows", op: "Concat", dims: [2, 5, 3, 3], attributes: { axis: -2 }, copies: 3 },
  {
    name: "Concat with a constant",
    op: "Concat",
    dims: [1, 4, 2, 3],
    attributes: { axis: 1 },
    constants: [randomFloats([1, 3, 2, 3], 5)],
  },
  {
    name: "Split of channels",
    op: "Split",
    dims: [1, 7, 3, 2],
    constants: [list(3, 4)],
    attributes: { axis: 1 },
    outputs: 2,
  },
  { name: "Split of columns", op: "Split", dims: [1, 4, 3, 6], attributes: { axis: 3 }, outputs: 3 },
  {
    name: "Slice backwards",
    op: "Slice",
    dims: [2, 5, 4, 6],
    constants: [list(4, -1, 1), list(-99, 0, 2 ** 40), list(1, 2, 3), list(-2, -1, 3)],
  },
  { name: "Expand of pixels", op: "Expand", dims: [2, 5, 1, 1], constants: [list(2, 5, 3, 4)] },
  { name: "Expand to a higher rank", op: "Expand", dims: [3, 1, 4], constants: [list(2, 1, 2, 1)] },
  { name: "Tile", op: "Tile", dims: [1, 3, 2, 4], constants: [list(1, 2, 3, 1)] },
  {
    name: "Gather of one channel",
    op: "Gather",
    dims: [2, 5, 3, 3],
    constants: [longs([], [-2])],
    attributes: { axis: 1 },
  },
  {
    name: "Gather in reverse",
    op: "Gather",
    dims: [1, 4, 3, 3],
    constants: [list(3, 2, 1, 0)],
    attributes: { axis: 1 },
  },
  {
    name: "Gather as a channel shuffle",
    op: "Gather",
    dims: [1, 6, 2, 2],
    constants: [list(0, 3, 1, 4, 2, 5)],
    attributes: { axis: 1 },
  },
  {
    name: "Gather of scattered rows",
    op: "Gather",
    dims: [2, 3, 6, 2],
    constants: [longs([2, 2], [5, 0, 0, 3])],
    attributes: { axis: 2 },
  },
];

function build({ op, dims, constants = [], attributes = {}, copies = 1, outputs = 1 }: Case, image: boolean) {
  const pool: NodeSpec = {
    op: "MaxPool",
    inputs: ["x"],
    outputs: ["pooled"],
    attributes: { kernelShape: dims.slice(2).map(() => 1) },
  };
  const data = image ? "pooled" : "x";
  const names = [...new Array<string>(copies).fill(data), ...constants.map((_, i) => `c${i}`)];
  const results = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const facts = Object.fromEntries(constants.map((value, i) => [`c${i}`, constantFact(value)]));
  const nodes = [...(image ? [pool] : []), { op, inputs: names, outputs: results, attributes }];
  return graphOf(["x"], results, nodes, { ...facts, x: { dtype: "float32", dims } });
}

describe("movement in wasm against its definition", () => {
  for (const image of [false, true]) {
    it.each(cases.filter((one) => !image || one.dims.length === 4))(
      `${image ? "behind a pool: " : ""}$name`,
      (one) => {
        const x = randomFloats(one.dims, 3);
        const graph = build(one, image);
        const { kernels, actual } = runCompiled(graph, new Map([["x", x]]));
        const [expected] = interpret(graph, [x]) as TensorData[];
        expect(kernels.filter((kernel) => kernel.startsWith("host"))).toEqual([]);
        expect(actual?.dims).toEqual(expected?.dims);
        expect(numbersOf(actual)).toEqual(numbersOf(expected));
      },
    );
  }

  it("takes the transposing kernel for matrices", () => {
    const transpose = cases[0] as Case;
    const { kernels } = runCompiled(
      build(transpose, false),
      new Map([["x", randomFloats(transpose.dims, 1)]]),
    );
    expect(kernels).toEqual(["x32_transpose"]);
  });

  it("moves a channel shuffle in one copy", () => {
    const shuffle = cases.find((one) => one.name.includes("shuffle")) as Case;
    const { kernels } = runCompiled(build(shuffle, false), new Map([["x", randomFloats(shuffle.dims, 1)]]));
    expect(kernels).toEqual(["x32_copy"]);
  });
});
