import { describe, expect, it } from "vitest";
import { evaluateOp, floats, longs, numbersOf, randomFloats, runLowered, tensorOf } from "./run-op.ts";

const relu = { kind: "relu", alpha: 0, beta: 0 };

describe("MatMul", () => {
  it("drops the dim of an operand of rank 1", () => {
    expect(evaluateOp("MatMul", [floats([2], [1, 2]), floats([2], [3, 4])])[0]).toMatchObject({
      dims: [],
      data: Float32Array.of(11),
    });
    expect(evaluateOp("MatMul", [floats([2], [1, 2]), floats([2, 1], [3, 4])])[0]?.dims).toEqual([1]);
    expect(
      evaluateOp("MatMul", [floats([3, 1, 2], [1, 2, 3, 4, 5, 6]), floats([2], [1, 1])])[0],
    ).toMatchObject({
      dims: [3, 1],
      data: Float32Array.of(3, 7, 11),
    });
  });

  it("wraps integers", () => {
    const [int] = evaluateOp("MatMul", [
      tensorOf("int32", [1, 2], [65536, 3]),
      tensorOf("int32", [2, 1], [65536, 5]),
    ]);
    expect(numbersOf(int)).toEqual([15]);
    const big = { dtype: "int64", dims: [1, 1], data: BigInt64Array.of(2n ** 62n + 1n) } as const;
    expect(evaluateOp("MatMul", [big, longs([1, 1], [3])])[0]?.data).toEqual(
      BigInt64Array.of(BigInt.asIntN(64, 3n * (2n ** 62n + 1n))),
    );
  });

  it("gives zeros where there is nothing to sum", () => {
    expect(numbersOf(evaluateOp("MatMul", [floats([2, 0], []), floats([0, 2], [])])[0])).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it("names both shapes when they do not fit", () => {
    expect(() => evaluateOp("MatMul", [floats([1, 2], [1, 2]), floats([3, 1], [1, 2, 3])])).toThrow(
      /\[1,2\] by \[3,1\]/,
    );
    expect(() => evaluateOp("MatMul", [floats([2, 1, 1], [1, 2]), floats([3, 1, 1], [1, 2, 3])])).toThrow(
      /broadcast/,
    );
  });

  it.each([
    ["constant B", [2, 5, 7], [7, 9], [1], ["f32_gemm"]],
    ["dynamic B", [5, 7], [7, 9], [], ["f32_pack_b", "f32_gemm"]],
    ["a batch of each", [2, 3, 5, 7], [2, 3, 7, 16], [], ["f32_pack_b", "f32_gemm_batch"]],
    ["A repeated", [5, 7], [4, 7, 6], [1], ["f32_gemm_batch"]],
    ["crossed batches", [2, 1, 5, 7], [3, 7, 4], [1], ["f32_gemm_batch", "f32_gemm_batch"]],
    ["rank 1 on the left", [7], [3, 7, 4], [1], ["f32_gemm_batch"]],
    ["rank 1 on the right", [2, 5, 7], [7], [1], ["f32_gemm"]],
  ])("lowers %s", (_, a, b, constants, kernels) => {
    const run = runLowered("MatMul", [randomFloats(a, 1), randomFloats(b, 2)], constants);
    expect(run.kernels).toEqual(kernels);
    expectClose(run);
  });

  it("honours a bias and an activation that a pass has put in", () => {
    const run = runLowered(
      "MatMul",
      [randomFloats([4, 7], 1), randomFloats([7, 6], 2), randomFloats([6], 3)],
      [1, 2],
      { activation: relu },
    );
    expect(run.kernels).toEqual(["f32_gemm"]);
    expect(Math.min(...numbersOf(run.expected[0]))).toBe(0);
    expectClose(run);
  });
});

describe("Gemm", () => {
  const shapes = [[6], [1, 6], [5, 6], [5, 1], [1], []];
  it.each(shapes)("lowers a constant C of any shape that broadcasts (%#)", (...dims) => {
    for (const [transA, transB] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      const a = randomFloats(transA === 0 ? [5, 7] : [7, 5], 1);
      const b = randomFloats(transB === 0 ? [7, 6] : [6, 7], 2);
      const setting = { attributes: { transA, transB, alpha: 0.5, beta: 2 }, activation: relu };
      const run = runLowered("Gemm", [a, b, randomFloats(dims, 3)], [1, 2], setting);
      expect(run.kernels).toEqual(transA === 0 ? ["f32_gemm"] : ["x32_transpose", "f32_gemm"]);
      expectClose(run);
    }
  });

  it("adds a C that is only known at run time by rows or as a whole", () => {
    for (const dims of [[6], [5, 6]]) {
      const run = runLowered(
        "Gemm",
        [randomFloats([5, 7], 1), randomFloats([7, 6], 2), randomFloats(dims, 3)],
        [],
      );
      expect(run.kernels).toEqual(["f32_pack_b", "f32_gemm"]);
      expectClose(run);
    }
  });

  it("scales by alpha and beta", () => {
    const setting = { attributes: { alpha: 2, beta: 10 } };
    expect(
      numbersOf(
        evaluateOp("Gemm", [floats([1, 1], [3]), floats([1, 2], [1, 2]), floats([1], [1])], setting)[0],
      ),
    ).toEqual([16, 22]);
  });

  it("refuses a C that would widen the product", () => {
    expect(() =>
      evaluateOp("Gemm", [floats([1, 1], [3]), floats([1, 2], [1, 2]), floats([3, 1], [1, 2, 3])]),
    ).toThrow(/broadcast/);
  });
});

function expectClose({ actual, expected }: ReturnType<typeof runLowered>): void {
  expected.forEach((tensor, o) => {
    expect(actual[o]?.dims).toEqual(tensor.dims);
    numbersOf(tensor).forEach((value, i) => {
      expect(numbersOf(actual[o])[i]).toBeCloseTo(value, 5);
    });
  });
}
