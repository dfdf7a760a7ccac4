import { describe, expect, it } from "vitest";
import { evaluateOp, floats, numbersOf, tensorOf } from "./run-op.ts";

const einsum = (equation: string, ...operands: ReturnType<typeof floats>[]) =>
  evaluateOp("Einsum", operands, { attributes: { equation } })[0];

const matrix = floats([2, 2], [1, 2, 3, 4]);

describe("Einsum", () => {
  it("without an arrow puts labels that occur once in alphabetical order", () => {
    expect(numbersOf(einsum("ba", matrix))).toEqual([1, 3, 2, 4]);
    expect(numbersOf(einsum("ii", matrix))).toEqual([5]);
  });

  it("takes diagonals, sums and outer products", () => {
    expect(numbersOf(einsum("ii->i", matrix))).toEqual([1, 4]);
    expect(numbersOf(einsum("ij->j", matrix))).toEqual([4, 6]);
    expect(einsum("i,j", floats([2], [1, 2]), floats([3], [1, 2, 3]))?.dims).toEqual([2, 3]);
  });

  it("contracts three operands and broadcasts an ellipsis", () => {
    expect(numbersOf(einsum("ij,jk,kl->il", matrix, matrix, matrix))).toEqual([37, 54, 81, 118]);
    const stack = floats([2, 1, 2], [1, 2, 3, 4]);
    expect(einsum("...ij,jk->...ik", stack, matrix)).toMatchObject({
      dims: [2, 1, 2],
      data: Float32Array.of(7, 10, 15, 22),
    });
    expect(numbersOf(einsum("...ij->...", stack))).toEqual([3, 7]);
  });

  it("keeps integers", () => {
    expect(einsum("i,i->", tensorOf("int32", [2], [2, 3]), tensorOf("int32", [2], [4, 5]))).toMatchObject({
      dtype: "int32",
      dims: [],
    });
  });

  it("explains what does not fit", () => {
    expect(() => einsum("ij,jk->ik", matrix, floats([3, 1], [1, 2, 3]))).toThrow(/label "j".*2 and 3/);
    expect(() => einsum("i->i", matrix)).toThrow(/rank 2/);
    expect(() => einsum("ij->k", matrix)).toThrow(/"k"/);
  });
});
