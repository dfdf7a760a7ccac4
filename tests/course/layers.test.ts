import { describe, expect, test } from "vitest";
import { answered, course } from "./run-course.ts";

describe("course: convolution layers", () => {
  test("convolution-layer: sizes are the formula's", () => {
    const { figures, tables, drawing } = course("convolution-layer");
    expect(figures).toEqual({ size: "28×28×6", parameters: 456, agree: 7 });
    for (const { K, F, S, P, D, "as it came": size, parameters } of (tables.settings ?? []) as Settings[]) {
      // Windows counted one by one, from the first padding on, as long as they end within the last.
      let windows = 0;
      for (let left = -P; left + D * (F - 1) <= 32 - 1 + P; left += S) windows++;
      expect(size).toBe(`${windows}×${windows}×${K}`);
      expect(parameters).toBe(K * (F * F * 3 + 1));
    }
    for (const outcome of ["7×7 → 5×5", "7×7 → 7×7", "7×7 → 3×3"])
      expect(drawing("convolution-layer")).toContain(outcome);
    expect(answered("convolution-layer", "55").right).toBe(true);
    expect(answered("convolution-layer", "54").right).toBe(false);
  });
  type Settings = Record<"K" | "F" | "S" | "P" | "D" | "parameters", number> & { "as it came": string };

  test("strided-convolution: the same as convolving and keeping every second place", () => {
    const { figures, number, panel } = course("strided-convolution");
    expect(number("difference")).toBeLessThan(1e-6);
    expect(figures).toMatchObject({ size: "64×48", work: 4 });
    const [all, fewer, stepped] = [1, 2, 3].map((place) => panel("strided-convolution", place)) as [P, P, P];
    expect(all).toMatchObject({ width: 96, height: 128 });
    expect(stepped).toMatchObject({ width: 48, height: 64 });
    const apart = fewer.data.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (stepped.data[i] as number))),
      0,
    );
    expect(apart).toBeLessThanOrEqual(1);
    expect(answered("strided-convolution", "9").right).toBe(true);
  });
  type P = ReturnType<ReturnType<typeof course>["panel"]>;

  test("small-filters: 5 and 7 columns, 27C² against 49C²", () => {
    const { figures, number, panel } = course("small-filters");
    expect(figures).toMatchObject({ two: 5, three: 7, large: 49, small: 27, sees2: 5, sees4: 9, sees8: 17 });
    expect(number("twoAreOne")).toBeLessThan(1e-5);
    // What eight convolutions see, by the picture of their gradients: nothing beyond 17 columns, most in the middle.
    const { data, width } = panel("effective-fields", 2);
    const green = (x: number, y: number) => data[(y * width + x) * 4 + 1] as number;
    expect(green(20, 11)).toBe(1);
    expect(green(20, 29)).toBe(1);
    expect(green(20, 20)).toBeGreaterThan(60);
    expect(answered("small-filters", "11").right).toBe(true);
    expect(answered("small-filters", "15").right).toBe(false);
  });

  test("local-weights: alike they are the convolution, each its own they do not move along", () => {
    const { figures, tables, number, panel } = course("local-weights");
    const places = (28 - 5 + 1) ** 2;
    expect(figures).toMatchObject({ shared: 25, local: places * 25, dense: places * 28 * 28 });
    expect(number("alike")).toBeLessThan(1e-5);
    expect(number("sharedMoves")).toBeCloseTo(1, 4);
    expect(Math.abs(number("localMoves"))).toBeLessThan(0.3);
    for (const row of (tables.layers ?? []).slice(0, 3))
      expect(row["multiply-accumulates"]).toBe(places * 25);
    // The pictures say the same: of the shared layer, the second row is the first, three to the right.
    const [there, then] = [panel("local-weights", 1), panel("local-weights", 5)] as [P, P];
    const pixel = ({ data, width }: P, x: number, y: number) => [
      ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3),
    ];
    for (let y = 0; y < 24; y++)
      for (let x = 3; x < 24; x++) expect(pixel(then, x, y)).toEqual(pixel(there, x - 3, y));
    expect(answered("local-weights", "4000000").right).toBe(true);
    expect(answered("local-weights", "10000").right).toBe(false);
  });
});
