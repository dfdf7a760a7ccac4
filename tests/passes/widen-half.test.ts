import { describe, expect, test } from "vitest";
import { type DType, numberToFloat16 } from "../../src/dtype.ts";
import { widenHalf } from "../../src/passes/widen-half.ts";
import type { TensorData } from "../../src/tensor.ts";
import { graphOf } from "../ops/small-graph.ts";
import { expectUntouched, input, inWords, rewritten, weights, wordsOf } from "../support/graph-words.ts";

const half = (...dims: number[]): TensorData => {
  const { data } = weights(...dims);
  return { dtype: "float16", dims, data: Uint16Array.from(data, numberToFloat16) };
};
const fed = (dtype: DType, ...dims: number[]) => ({ dtype, dims });
const values = { x: fed("float16", 1, 3, 4, 4), w: half(5, 3, 1, 1) };
/** float16 has 11 bits, and rounds after every node where float32 rounds once. */
const HALF = { rtol: 4e-3, atol: 4e-3 };

describe("a float16 network of products computes in float32:", () => {
  test("inputs are cast on the way in, outputs on the way out, constants widen", () => {
    const after = rewritten(widenHalf, inWords(values, ["c = Conv(x, w)", "y = Relu(c)"], "y"), HALF);
    expect(wordsOf(after)).toEqual([
      "x/float32 = Cast(x)",
      "c = Conv(x/float32, w)",
      "y/float32 = Relu(c)",
      "y = Cast(y/float32)",
    ]);
    expect(["x", "x/float32", "w", "c", "y"].map((name) => after.facts.get(name)?.dtype)).toEqual([
      "float16",
      undefined,
      "float32",
      "float32",
      "float32",
    ]);
    expect(after.facts.get("w")?.data?.dtype).toBe("float32");
    expect(after.nodes.map(({ attributes }) => attributes.to)).toEqual([1, undefined, undefined, 10]);
  });

  test("casts to float16 inside become casts to float32", () => {
    const nodes = [
      "c = Conv(x, w)",
      ["i = Cast(c)", { to: 6 }],
      ["h = Cast(i)", { to: 10 }],
      "y = Neg(h)",
    ] as const;
    const after = rewritten(widenHalf, inWords({ ...values }, nodes, "y"), { rtol: 0.1, atol: 0.3 });
    expect(after.nodes.map(({ op, attributes }) => [op, attributes.to])).toEqual([
      ["Cast", 1],
      ["Conv", undefined],
      ["Cast", 6],
      ["Cast", 1],
      ["Neg", undefined],
      ["Cast", 10],
    ]);
  });

  test("what is not float16 stays as it is", () => {
    const nodes = ["c = Conv(x, w)", "m = Max(n, n)"];
    const after = rewritten(widenHalf, inWords({ ...values, n: fed("float32", 2) }, nodes, "c, m"), HALF);
    expect(wordsOf(after)).toEqual([
      "x/float32 = Cast(x)",
      "c/float32 = Conv(x/float32, w)",
      "m = Max(n, n)",
      "c = Cast(c/float32)",
    ]);
  });

  test("an output that others read is read wide", () => {
    const after = rewritten(widenHalf, inWords(values, ["c = Conv(x, w)", "y = Neg(c)"], "c, y"), HALF);
    expect(wordsOf(after)).toEqual([
      "x/float32 = Cast(x)",
      "c/float32 = Conv(x/float32, w)",
      "y/float32 = Neg(c/float32)",
      "c = Cast(c/float32)",
      "y = Cast(y/float32)",
    ]);
  });
});

describe("a graph stays as it is where", () => {
  test("it multiplies nothing", () => {
    expectUntouched(widenHalf, inWords({ x: fed("float16", 3) }, ["y = Relu(x)"], "y"));
  });

  test("only float32 is multiplied", () => {
    const given = { x: input(1, 3, 4, 4), w: weights(5, 3, 1, 1), h: fed("float16", 2) };
    expectUntouched(widenHalf, inWords(given, ["y = Conv(x, w)", "z = Neg(h)"], "y, z"));
  });

  test("it has subgraphs", () => {
    const branch = graphOf([], ["r"], [{ op: "Neg", inputs: ["c"], outputs: ["r"] }]);
    const nodes = ["c = Conv(x, w)", ["y = If(b)", { thenBranch: branch, elseBranch: branch }]] as const;
    expectUntouched(widenHalf, inWords({ ...values, b: fed("bool") }, nodes, "y"));
  });
});

test("bfloat16 likewise", () => {
  const bits = new Uint16Array(new Float32Array([1, -2, 0.5, 3]).buffer).filter((_, i) => i % 2 === 1);
  const w: TensorData = { dtype: "bfloat16", dims: [2, 2], data: bits };
  const after = rewritten(widenHalf, inWords({ x: fed("bfloat16", 3, 2), w }, ["y = MatMul(x, w)"], "y"), {
    rtol: 2e-2,
    atol: 2e-2,
  });
  expect(after.nodes.map(({ op, attributes }) => [op, attributes.to])).toEqual([
    ["Cast", 1],
    ["MatMul", undefined],
    ["Cast", 16],
  ]);
});
