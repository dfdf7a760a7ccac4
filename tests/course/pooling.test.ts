import { describe, expect, test } from "vitest";
import { answered, course, pixelAt } from "./run-course.ts";

describe("course: pools", () => {
  test("pooling: 15 stays, then 7; half of the pooled values change; order within a cell is lost", () => {
    const { figures, tables, number, drawing, panel } = course("pooling");
    expect(figures).toMatchObject({
      still: 15,
      movedByOne: 15,
      movedByTwo: 7,
      detectorsChanged: 4,
      poolsChanged: 2,
    });
    expect(figures.alike).toBe((4 * 3 * 2) ** 4);
    const cell = [1, 2, 5, 8];
    const [max, average, l2] = tables.orders ?? [];
    expect(max).toMatchObject({ orders: 24, answers: 1, value: 8 });
    expect(average).toMatchObject({ orders: 24, answers: 1, value: 4 });
    expect(l2).toMatchObject({ orders: 24, answers: 1 });
    expect(l2?.value).toBeCloseTo(Math.hypot(...cell), 4);
    // Each pool forgets something of the move.
    for (const pool of ["max", "average", "L2"])
      expect(number(`${pool}Change`)).toBeLessThan(number("unpooledChange"));
    // The drawing: 15 three times, its windows' maxima, and six red frames (4 detectors, 2 maxima).
    expect(drawing("matrix").split(">15</text>")).toHaveLength(4);
    expect(
      drawing("matrix")
        .match(/max of the window: \d+/g)
        ?.map((said) => said.split(" ").at(-1)),
    ).toEqual(["15", "15", "7"]);
    expect(drawing("goodfellow").match(/stroke="#cc3311"/g)).toHaveLength(6);
    // Shuffled cells: other pixels, of each cell the same four.
    expect(number("shuffledPixels")).toBeGreaterThan(100);
    expect(number("shuffledPools")).toBeLessThan(1e-6);
    const [digit, shuffled] = [panel("shuffled", 0), panel("shuffled", 1)];
    const cellAt = (picture: typeof digit, x: number, y: number) =>
      [0, 1]
        .flatMap((dy) => [0, 1].map((dx) => pixelAt(picture, x + dx, y + dy)[0] as number))
        .sort((a, b) => a - b);
    for (let y = 0; y < 28; y += 2)
      for (let x = 0; x < 28; x += 2) expect(cellAt(shuffled, x, y)).toEqual(cellAt(digit, x, y));
    expect(panel("pools", 1)).toMatchObject({ width: 7, height: 7 });
    expect(answered("pooling", "7").right).toBe(true);
    expect(answered("pooling", "15").right).toBe(false);
  });

  test("unpooling: switches put every maximum back where it stood", () => {
    const { figures, number, panel } = course("unpooling");
    expect(number("inPlace")).toBe(number("kept"));
    expect(number("inPlaceWithout")).toBeLessThan(number("kept") / 2);
    expect(number("withSwitches")).toBeLessThan(number("withoutSwitches"));
    // A 3×3 mask at stride 2: a pixel is under one tap, two or four; a 4×4 one always under four, of a quarter each.
    expect(figures).toMatchObject({ uneven: "1 2 4", even: "1" });
    const [digit, placed] = [panel("unpooling", 0), panel("unpooling", 1)];
    let lit = 0;
    for (let y = 0; y < 28; y += 2)
      for (let x = 0; x < 28; x += 2) {
        const cell = [0, 1].flatMap((dy) => [0, 1].map((dx) => [x + dx, y + dy] as const));
        const before = cell.map(([i, j]) => pixelAt(digit, i, j)[0] as number);
        const after = cell.map(([i, j]) => pixelAt(placed, i, j)[0] as number);
        const most = Math.max(...before);
        // The greatest alone, and where it was; of equal bytes either may be.
        expect(after.filter((value) => value > 0)).toEqual(most > 0 ? [most] : []);
        expect(before[after.indexOf(most)]).toBe(most);
        lit += Number(most > 0);
      }
    // Ink of less than half a byte is black in the picture.
    expect(Math.abs(lit - number("kept"))).toBeLessThanOrEqual(3);
    expect(answered("unpooling", "14").right).toBe(true);
    expect(answered("unpooling", "15").right).toBe(false);
  });

  test("feature-pooling: the L2 pool of a pair does not mind the phase, and minds the orientation", () => {
    const { number, drawing } = course("feature-pooling");
    // cos: greatest 1, least −1, mean size 2/π.
    expect(number("simpleSwing")).toBeCloseTo(Math.PI / 2, 1);
    expect(number("complexSwing")).toBeLessThan(0.01);
    expect(number("across")).toBeLessThan(0.01);
    // Three curves: two rise and fall, the pool's is level within a pixel of the drawing.
    const curves = [...drawing("phase").matchAll(/<polyline points="([^"]+)"/g)].map(([, points]) =>
      (points as string).split(" ").map((point) => Number(point.split(",")[1])),
    );
    const spans = curves.map((heights) => Math.max(...heights) - Math.min(...heights));
    expect(spans).toHaveLength(3);
    expect(Math.min(spans[0] as number, spans[1] as number)).toBeGreaterThan(50);
    expect(spans[2]).toBeLessThan(1);
    expect(answered("feature-pooling", "5").right).toBe(true);
    expect(answered("feature-pooling", "9").right).toBe(false);
  });
});
