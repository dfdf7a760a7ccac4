import { describe, expect, test } from "vitest";
import { answered, course, pixelAt } from "./run-course.ts";

describe("course: perceptrons and their limits", () => {
  test("two-pixel-shift: 77 pixels to ink and 77 to paper, 154 in all", () => {
    const { figures, number, panel } = course("two-pixel-shift");
    expect(figures).toMatchObject({ toInk: 77, toPaper: 77, changed: 154, pooled: 0 });
    expect(number("nearer")).toBeGreaterThan(20);
    // The picture says the same, counted by its colours; what is drawn follows from the two digits beside it.
    const [digit, moved, change] = [0, 1, 2].map((place) => panel("two-pixel-shift", place)) as [P, P, P];
    const counts = { red: 0, blue: 0, none: 0 };
    const isInk = (picture: P, x: number, y: number) => (pixelAt(picture, x, y)[0] as number) > 128;
    for (let y = 0; y < 32; y++)
      for (let x = 0; x < 32; x++) {
        const [red, , blue] = pixelAt(change, x, y) as [number, number, number];
        const colour = red > blue + 50 ? "red" : blue > red + 50 ? "blue" : "none";
        counts[colour]++;
        if (x >= 2) expect(pixelAt(moved, x, y)).toEqual(pixelAt(digit, x - 2, y));
        if (isInk(moved, x, y) !== isInk(digit, x, y)) expect(colour).not.toBe("none");
      }
    expect(counts).toEqual({ red: 77, blue: 77, none: 32 * 32 - 154 });
    expect(answered("two-pixel-shift", "80").right).toBe(true);
    expect(answered("two-pixel-shift", "40").right).toBe(false);
  });
  type P = ReturnType<ReturnType<typeof course>["panel"]>;

  test("lost-structure: a row keeps 16 of the 4×5 matrix's 31 pairs", () => {
    const { figures, number, drawing } = course("lost-structure");
    expect(figures).toMatchObject({ pairs: 4 * 4 + 3 * 5, kept: 4 * 4, apart: 5, false: 3 });
    // 20 − 13 + 1 windows in the row, (4 − 2)·(5 − 2) in the matrix.
    expect(figures).toMatchObject({ windows: 8, realWindows: 6, convolutions: 0 });
    // Sums of twenty products of numbers to 20 in another order.
    expect(number("dense")).toBeLessThan(1e-4);
    for (let i = 1; i <= 20; i++) expect(drawing("lost-structure").split(`>${i}</text>`)).toHaveLength(3);
    expect(answered("lost-structure", "1512").right).toBe(true);
    expect(answered("lost-structure", "756").right).toBe(false);
  });

  test("parameter-explosion: 6.19·10¹¹ are counted, and refused where they are to be made", () => {
    const { figures, tables, number, drawing } = course("parameter-explosion");
    expect(figures).toMatchObject({
      weights: (512 * 512 * 3) ** 2,
      biases: 512 * 512 * 3,
      refusal: "MemoryError",
    });
    // The lecture's figure, which has the biases in it, to its three digits; and more than a terabyte.
    expect((number("weights") + number("biases")) / 1e11).toBeCloseTo(6.19, 1);
    expect(number("terabytes")).toBeGreaterThan(1);
    for (const row of tables.parameters ?? []) {
      const side = Number.parseInt(row.picture as string, 10);
      const numbers = 3 * side ** 2;
      expect(row["hidden layer"], `side ${side}`).toBe(numbers ** 2 + numbers);
      expect(row.convolution).toBe((3 * 9 + 1) * 64);
    }
    expect(drawing("parameter-explosion").match(/<circle/g)).toHaveLength(14);
    expect(answered("parameter-explosion", "16").right).toBe(true);
  });

  test("dense-or-shared: C1 with 5·10⁶ parameters or with 156, and Ranzato's three", () => {
    const { figures, tables, drawing } = course("dense-or-shared");
    expect(figures).toEqual({
      dense: (32 * 32 + 1) * (28 * 28) * 6,
      local: (5 * 5 + 1) * (28 * 28) * 6,
      shared: 156,
      ranzatoDense: 200 * 200 * 40_000,
      ranzatoLocal: 40_000 * 10 * 10,
      ranzatoShared: 100 * 10 * 10,
    });
    const [, local, shared] = tables.c1 ?? [];
    expect(local?.["multiply-accumulates"]).toBe(shared?.["multiply-accumulates"]);
    // A line a connection: 5·7 of the dense sketch, 5·3 of each other.
    expect(drawing("dense-or-shared").match(/<line/g)).toHaveLength(35 + 15 + 15);
    expect(answered("dense-or-shared", "456").right).toBe(true);
    expect(answered("dense-or-shared", "156").right).toBe(false);
  });
});
