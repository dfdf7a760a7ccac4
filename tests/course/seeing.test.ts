import { describe, expect, test } from "vitest";
import { dataPath } from "../support/data.ts";
import { answered, brightest, course, pixelAt } from "./run-course.ts";

describe("course: eyes and filters", () => {
  test("convolution: the mask is copied by a convolution and mirrored by a cross-correlation", () => {
    const { figures, tables, drawing } = course("convolution");
    expect(figures).toEqual({ convolutionCopies: 0, correlationMirrors: 0, fromDefinition: 0, topLeft: 4 });
    // A hill's slope, as the definition has it: (f ∗ g)[x] = f[x + 1] − f[x − 1] for g = 1 0 −1.
    const signal = [0, 1, 2, 1, 0, 0, 0, 3, 3, 3];
    const [, convolution, correlation] = tables.line ?? [];
    signal.forEach((_, x) => {
      const slope = (signal[x + 1] ?? 0) - (signal[x - 1] ?? 0);
      expect(convolution?.[`x${x}`], `convolution at ${x}`).toBe(slope);
      expect((correlation?.[`x${x}`] as number) + slope, `correlation at ${x}`).toBe(0);
    });
    // Both grids hold every tap: each number from -4 to 4 is drawn at least twice.
    for (const tap of [-4, -3, 3, 4])
      expect(drawing("convolution").split(`>${tap}</text>`).length, String(tap)).toBeGreaterThan(3);
    expect(answered("convolution", "4").right).toBe(true);
    expect(answered("convolution", "-4")).toMatchObject({
      right: false,
      says: expect.stringMatching(/^Not yet\./),
    });
  });

  test("template-matching: each filter finds its own pattern, and no other", () => {
    const { figures, panel } = course("template-matching");
    expect(figures).toEqual({ own: 25, other: -17, crosses: "21,16 4,3", rings: "18,4 6,17" });
    expect(brightest(panel("template-matching", 4), 2)).toEqual(["21,16", "4,3"]);
    expect(brightest(panel("template-matching", 5), 2)).toEqual(["18,4", "6,17"]);
    expect(answered("template-matching", "-25").right).toBe(true);
    expect(answered("template-matching", "25").right).toBe(false);
  });

  test("sobel: slopes as calculus has them", () => {
    const { number, figures, panel } = course("sobel");
    const slope = (x: number, y: number) => ({
      ie: (2 * x) ** 2 + (2 * y) ** 2,
      halves: (2 * x + 2 * y) / 2,
    });
    expect(figures).toMatchObject({
      rampX: 2,
      rampY: 0,
      slope: slope(3, 4).ie,
      halves: slope(3, 4).halves,
      blind: 0,
    });
    expect(number("strongest")).toBeGreaterThan(0.2);
    // Diverging colours: the lighthouse's left edge grows lighter (red above blue), its right edge darker.
    const ix = panel("sobel", 1);
    const along = Array.from({ length: ix.width }, (_, x) => pixelAt(ix, x, 70)).map(
      ([red, , blue]) => (red as number) - (blue as number),
    );
    expect(Math.max(...along)).toBeGreaterThan(50);
    expect(Math.min(...along)).toBeLessThan(-50);
    expect(answered("sobel", "676").right).toBe(true);
    expect(answered("sobel", "169").right).toBe(false);
  });

  test("gabor: most of what LeNet's filters are is some Gabor filter, of random filters it is not", () => {
    const { number, panel } = course("gabor");
    expect(number("filters")).toBe(6);
    expect(number("explained")).toBeGreaterThan(0.75);
    expect(number("byChance")).toBeLessThan(0.5);
    // θ = 0 is upright: rows of the bank's first filter are alike in sign, columns differ.
    const upright = panel("bank", 0);
    expect(pixelAt(upright, 10, 7)[0]).toBeGreaterThan(160);
    expect(pixelAt(upright, 10, 13)[0]).toBeGreaterThan(160);
    expect(pixelAt(upright, 7, 10)[0]).toBeLessThan(90);
    expect(answered("gabor", "5").right).toBe(true);
  });

  test("gabor: the filters of a network for photographs are Gabor's, too", (context) => {
    const model = dataPath(context, "models/style_candy_nc16_256/model.onnx");
    const { number } = course("gabor", "--model", model);
    expect(number("explained")).toBeGreaterThan(0.6);
    expect(number("byChance")).toBeLessThan(0.2);
  });

  test("cells: the best spot is where calculus has it, and tuning is to the angle built in", () => {
    const { number, panel } = course("cells");
    // The difference of exp(−r²/2·4²) and exp(−r²/2·2²) is greatest at this r.
    const diameter = 2 * Math.sqrt((2 * Math.log(16 / 4)) / (1 / 4 - 1 / 16));
    expect(Math.abs(number("bestDiameter") - diameter)).toBeLessThan(1);
    expect(number("evenLight")).toBeCloseTo(0, 6);
    expect(number("bestAngle")).toBe(45);
    expect(number("rowAngle")).toBe(45);
    for (const key of ["halfWidth", "rowHalfWidth"]) expect(number(key)).toBeGreaterThan(10);
    for (const key of ["halfWidth", "rowHalfWidth"]) expect(number(key)).toBeLessThan(35);
    const ganglion = panel("cells", 0);
    const [redIn, , blueIn] = pixelAt(ganglion, 20, 20) as [number, number, number];
    const [redOut, , blueOut] = pixelAt(ganglion, 20, 26) as [number, number, number];
    expect(redIn - blueIn).toBeGreaterThan(50);
    expect(blueOut - redOut).toBeGreaterThan(5);
    expect(answered("cells", diameter.toFixed(2)).right).toBe(true);
  });

  test("shapes-from-colour: what has one mean, or one luma, is lost in it", () => {
    const { number } = course("shapes-from-colour");
    for (const lost of ["meanMean", "lumaLuma"]) expect(number(lost), lost).toBeLessThan(0.4);
    for (const kept of ["meanLuma", "lumaMean"]) expect(number(kept), kept).toBeGreaterThan(2);
    for (const colour of ["meanRedGreen", "lumaRedGreen"]) expect(number(colour), colour).toBeGreaterThan(10);
    expect(answered("shapes-from-colour", "0.458").right).toBe(true);
    expect(answered("shapes-from-colour", "0.9").right).toBe(false);
  });

  test("sensor-array: half the places are green; shapes are in the light", () => {
    const { number, figures, panel } = course("sensor-array");
    expect(figures).toMatchObject({ red: 0.25, green: 0.5, blue: 0.25 });
    expect(number("mosaic")).toBeGreaterThan(30);
    expect(number("coarseColour")).toBeGreaterThan(number("coarseLight") + 4);
    // R G over G B, from an even place on: one colour a place.
    const mosaic = panel("sensor-array", 1);
    expect(
      [0, 1].flatMap((y) =>
        [0, 1].map((x) =>
          pixelAt(mosaic, x, y)
            .map((value) => Number(value > 0))
            .join(""),
        ),
      ),
    ).toEqual(["100", "010", "010", "001"]);
    expect(answered("sensor-array", "12").right).toBe(true);
  });
});
