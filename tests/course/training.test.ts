import { describe, expect, test } from "vitest";
import type { RgbaImage } from "../../src/vision/index.ts";
import { answered, brightest, course } from "./run-course.ts";

/** A picture's pixels as numbers, row after row. */
const pixels = ({ data }: RgbaImage): readonly number[] => [...new Uint32Array(data.slice().buffer)];

const shareAlike = (a: readonly number[], b: readonly number[]): number =>
  a.filter((pixel, i) => pixel === b[i]).length / a.length;

// Bounds leave room on both sides of what several seeds gave: weights, and with them figures, differ a little by processor.
describe("course: what networks learn", { timeout: 600_000 }, () => {
  test("segmentation: U-Net has a mean IoU of 0.90 where one convolution stays below 0.60", () => {
    const { number, panel } = course("segmentation");
    expect(number("unet")).toBeGreaterThanOrEqual(0.9);
    expect(number("pixels")).toBeLessThan(0.6);
    expect(number("unetRight")).toBeGreaterThan(97);
    const maps = (column: number): number[] =>
      [0, 1, 2].flatMap((row) => pixels(panel("segmentation", 4 * row + column)));
    const [truth, byPixels, byUnet] = [maps(1), maps(2), maps(3)] as [number[], number[], number[]];
    expect(new Set(truth).size).toBeGreaterThan(2);
    expect(shareAlike(truth, byUnet)).toBeGreaterThan(0.95);
    expect(shareAlike(truth, byPixels)).toBeLessThan(shareAlike(truth, byUnet) - 0.05);
    expect(answered("segmentation", "0.667").right).toBe(true);
    expect(answered("segmentation", "0.8").right).toBe(false);
  });

  test("shuffled-pixels: the CNN loses by the permutation, the perceptron does not care", () => {
    const { number, panel } = course("shuffled-pixels", "--samples", "1000", "--epochs", "8");
    // In per cent of 2000 digits: chance alone moves an error of 2.5 by 0.35.
    expect(number("cnn")).toBeLessThan(number("mlp"));
    expect(number("cnnShuffled")).toBeGreaterThan(number("cnn") + 3);
    expect(number("cnnShuffled")).toBeGreaterThan(number("mlpShuffled"));
    expect(Math.abs(number("mlpShuffled") - number("mlp"))).toBeLessThan(1.5);
    for (const place of [0, 1, 2]) {
      const [drawn, shuffled] = [place, place + 3].map((at) => pixels(panel("shuffled-pixels", at))) as [
        number[],
        number[],
      ];
      expect([...shuffled].sort()).toEqual([...drawn].sort());
      expect(shareAlike(drawn, shuffled)).toBeLessThan(0.9);
    }
    expect(answered("shuffled-pixels", "0").right).toBe(true);
    expect(answered("shuffled-pixels", "12").right).toBe(false);
  });

  test("welcome: all that is said is found in time, wherever it is said, by one convolution", () => {
    const { number, drawing } = course("welcome");
    expect(number("spoken")).toBe(10);
    expect(number("found")).toBe(10);
    expect(number("apart")).toBeLessThan(0.04);
    expect(number("false")).toBeLessThanOrEqual(1);
    expect(number("shift")).toBeLessThan(1e-4);
    expect(number("cut")).toBeLessThan(1e-3);
    expect(number("work")).toBeGreaterThan(20);
    expect(drawing("welcome").match(/>Welcome</g)).toHaveLength(3);
    expect(answered("welcome", "97").right).toBe(true);
    expect(answered("welcome", "128").right).toBe(false);
  });

  test("shared-weights: one weight in two places takes the mean of both gradients", () => {
    const { number, drawing } = course("shared-weights");
    expect(number("rule")).toBeLessThan(1e-6);
    expect(number("filter")).toBeLessThan(1e-5);
    expect(number("apart")).toBeGreaterThan(0.01);
    expect(number("lossShared")).toBeLessThan(0.2);
    expect(number("lossSeparate")).toBeLessThan(number("lossShared"));
    expect(drawing("shared-weights")).toContain("one weight in two places");
    expect(answered("shared-weights", "2.5").right).toBe(true);
    expect(answered("shared-weights", "2").right).toBe(false);
  });

  test("manifold-untangling: neighbours become of one class, layer by layer", () => {
    const found = course("manifold-untangling", "--samples", "2000", "--epochs", "4", "--points", "300");
    const { number, tables, drawing } = found;
    const hits = (tables.layers ?? []).map((row) => row["hit, %"] as number);
    expect(hits).toHaveLength(4);
    expect(hits).toEqual([...hits].sort((a, b) => a - b));
    expect(hits.at(-1)).toBeGreaterThan(95);
    expect(number("latentHit")).toBeGreaterThan(96);
    expect(number("latentHit")).toBeGreaterThan(number("inputHit") + 8);
    expect(number("latentOverlap")).toBeLessThan(number("inputOverlap"));
    for (const space of ["input-space", "latent-space"])
      expect(drawing(space).match(/<ellipse/g)).toHaveLength(10);
    expect(answered("manifold-untangling", "10").right).toBe(true);
    expect(answered("manifold-untangling", "50").right).toBe(false);
  });

  test("distributions: alike before learning, wider with every layer after it", () => {
    const { number, tables, drawing } = course("distributions");
    const layers = (tables.layers ?? []) as Spread[];
    const [before, after] = (["before: std", "after: std"] as const).map((key) =>
      layers.filter(({ value }) => !value.startsWith("relu")).map((row) => row[key]),
    ) as [number[], number[]];
    expect(after).toEqual([...after].sort((a, b) => a - b));
    expect(Math.max(...before)).toBeLessThan(2.5);
    expect((after.at(-1) as number) / (after[0] as number)).toBeGreaterThan(
      (2 * (before.at(-1) as number)) / (before[0] as number),
    );
    expect(number("scores")).toBeGreaterThan(3);
    expect(number("error")).toBeLessThan(5);
    expect(drawing("distributions").match(/<title>/g)).toHaveLength(10);
    expect(answered("distributions", "50").right).toBe(true);
    expect(answered("distributions", "60").right).toBe(false);
  });
  type Spread = Record<"before: std" | "after: std", number> & { readonly value: string };

  test("transfer-learning: what the file has learnt is worth many samples", () => {
    const { number, tables } = course("transfer-learning");
    expect(number("known")).toBeLessThan(10);
    const rows = (tables.errors ?? []) as Errors[];
    const [fewest, , , most] = rows as [Errors, Errors, Errors, Errors];
    const mean = (key: keyof Errors, counts: readonly Errors[]): number =>
      counts.reduce((sum, row) => sum + row[key], 0) / counts.length;
    expect(mean("layers", rows.slice(0, 3))).toBeLessThan(mean("scratch", rows.slice(0, 3)) - 0.5);
    expect(mean("head", rows.slice(0, 2))).toBeLessThan(mean("scratch", rows.slice(0, 2)));
    for (const way of ["head", "layers", "scratch"] as const)
      expect(most[way]).toBeLessThan(fewest[way] - 20);
    expect(most.layers).toBeLessThan(most.head);
    expect(answered("transfer-learning", "2005").right).toBe(true);
    expect(answered("transfer-learning", "2000").right).toBe(true);
    expect(answered("transfer-learning", "2500").right).toBe(false);
  });
  type Errors = Record<"head" | "layers" | "scratch", number>;

  test("neocognitron: each of five digits comes to have a cell, which knows it elsewhere", () => {
    const { number, tables, panel } = course("neocognitron");
    expect(number("cells")).toBe(5);
    expect(number("moved")).toBeGreaterThanOrEqual(14);
    expect(number("before")).toBeLessThan(1e-4);
    for (const { digit, cell } of (tables.cells ?? []) as { digit: number; cell: number }[]) {
      const answers = panel("neocognitron", 15 + digit);
      expect([answers.width, answers.height]).toEqual([6, 4]);
      expect(brightest(answers, 1)).toEqual([`${cell % 6},${Math.floor(cell / 6)}`]);
    }
    expect(answered("neocognitron", "25").right).toBe(true);
    expect(answered("neocognitron", "6400").right).toBe(false);
  });

  test("training-methods: digits without labels, distortions and wrong tags are worth something", () => {
    const { tables, drawing } = course("training-methods");
    const errors = Object.fromEntries(
      (tables.methods ?? []).map((row) => [row.method, row["error, %"] as number]),
    ) as Record<string, number>;
    const alone = errors["labels alone"] as number;
    expect(Object.keys(errors)).toHaveLength(7);
    expect(errors["Meta Pseudo Labels"]).toBeLessThan(alone - 1.5);
    expect(errors["Noisy Student"]).toBeLessThan(alone - 3);
    expect(errors.WSL).toBeLessThan(alone - 3);
    expect(errors.AutoAugment).toBeLessThan(alone - 2);
    expect(errors.SSL).toBeLessThan(alone);
    // What SAM is for needs larger networks: here it does no harm.
    expect(errors.SAM).toBeLessThan(alone + 3);
    const [small, large, fixed] = (tables.sizes ?? []).map((row) => row["error, %"] as number) as [
      number,
      number,
      number,
    ];
    expect(large).toBeGreaterThan(small + 4);
    expect(fixed).toBeLessThan(large - 3);
    expect(drawing("training-methods")).toContain("Noisy Student");
    expect(answered("training-methods", "1.5").right).toBe(true);
    expect(answered("training-methods", "1").right).toBe(false);
  });

  test("depth: a few convolutions see less than eight", () => {
    const { tables, drawing } = course("depth", "--depths", "1,2,8");
    const [one, two, eight] = (tables.depths ?? []).map(({ plain }) => plain as number) as [
      number,
      number,
      number,
    ];
    expect(one).toBeGreaterThan(two + 10);
    expect(two).toBeGreaterThan(eight + 20);
    expect(tables.winners).toHaveLength(5);
    expect(drawing("winners")).toContain("top-5 error");
    expect(answered("depth", "8").right).toBe(true);
    expect(answered("depth", "7").right).toBe(false);
  });
});
