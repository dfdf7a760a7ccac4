import { describe, expect, test } from "vitest";
import { createBatch, type Dataset, fromArrays } from "../../../src/train/data/dataset.ts";
import { PIXEL_OPERATIONS, type PixelOperation } from "../../../src/train/data/pixel-operations.ts";
import {
  autoAugment,
  imagenetPolicy,
  type PixelOptions,
  randAugment,
} from "../../../src/train/data/policies.ts";
import { random } from "../../support/random.ts";

/** What one operation makes of a picture of bytes, as bytes; `draws` are what it draws. */
function operated(
  name: PixelOperation,
  share: number,
  bytes: readonly number[],
  dims: readonly [number, number, number],
  { fill = 0, draws = [] as readonly number[] } = {},
): number[] {
  const data = Float32Array.from(bytes, (byte) => byte / 255);
  const next = [...draws];
  const picture = { data, room: new Float32Array(data.length), dims, fill };
  PIXEL_OPERATIONS[name](picture, share, () => next.shift() as number);
  return Array.from(data, (value) => Math.round(value * 255));
}

const noise = (count: number, seed = 1): number[] =>
  Array.from(random(seed).tensor("float32", [count], 0, 255).data as Float32Array, Math.round);

/** The middle of what is bright, from the middle of the picture. */
function centre(bytes: readonly number[], side: number): readonly [x: number, y: number] {
  const sum = bytes.reduce((a, b) => a + b, 0);
  const along = (place: (i: number) => number): number =>
    bytes.reduce((total, byte, i) => total + byte * (place(i) - (side - 1) / 2), 0) / sum;
  return [along((i) => i % side), along((i) => Math.floor(i / side))];
}

/** A spot of 3×3 in a picture of 21×21, at a place from its middle. */
const spot = (x: number, y: number): number[] =>
  Array.from({ length: 441 }, (_, i) =>
    Math.abs((i % 21) - 10 - x) <= 1 && Math.abs(Math.floor(i / 21) - 10 - y) <= 1 ? 200 : 0,
  );

describe("operations on pixels", () => {
  test("levels: posterize masks bits, solarize turns what is bright, invert turns all", () => {
    const bytes = noise(64);
    for (const bits of [1, 2, 3, 4])
      expect(operated("posterize", bits / 4, bytes, [1, 8, 8])).toEqual(
        bytes.map((byte) => byte & (256 - 2 ** bits)),
      );
    expect(operated("solarize", 0.6, bytes, [1, 8, 8])).toEqual(
      bytes.map((byte) => (byte < 102 ? byte : 255 - byte)),
    );
    expect(operated("invert", 1, bytes, [1, 8, 8])).toEqual(bytes.map((byte) => 255 - byte));
  });

  test("autoContrast stretches each map by itself, a flat one stays", () => {
    const found = operated("autoContrast", 1, [50, 110, 150, 75, 9, 9, 9, 9], [2, 2, 2]);
    expect(found).toEqual([0, 153, 255, 64, 9, 9, 9, 9]);
  });

  test("equalize: half as many pixels below half the levels as before or after, whatever the picture", () => {
    const dark = Array.from({ length: 4096 }, (_, i) => Math.floor(64 * (i / 4096) ** 2));
    const found = operated("equalize", 1, dark, [1, 64, 64]);
    for (const level of [64, 128, 192]) {
      const below = found.filter((byte) => byte < level).length / 4096;
      // The darkest level alone has an eighth of all pixels.
      expect(Math.abs(below - level / 256), `below ${level}`).toBeLessThan(0.13);
      expect(dark.filter((byte) => byte < level).length / 4096).toBeGreaterThan(0.9);
    }
    // Order stays.
    dark.forEach((byte, i) => {
      if (i > 0 && byte >= (dark[i - 1] as number))
        expect(found[i]).toBeGreaterThanOrEqual(found[i - 1] as number);
    });
    expect(operated("equalize", 1, [7, 7, 7, 7], [1, 2, 2])).toEqual([7, 7, 7, 7]);
  });

  test("blends go away from black, grey, the mean and the smoothed picture, and towards them", () => {
    expect(operated("brightness", 0.5, [100, 200, 0, 10], [1, 2, 2])).toEqual([145, 255, 0, 15]);
    expect(operated("brightness", -1, [100, 200, 0, 10], [1, 2, 2])).toEqual([10, 20, 0, 1]);
    expect(operated("contrast", -1, [0, 0, 200, 200], [1, 2, 2])).toEqual([90, 90, 110, 110]);
    expect(operated("contrast", 0.5, [80, 80, 120, 120], [1, 2, 2])).toEqual([71, 71, 129, 129]);
    // A red pixel: grey of 0.299·255.
    expect(operated("color", -1, [255, 0, 0], [3, 1, 1])).toEqual([94, 69, 69]);
    expect(operated("color", 1, [40, 40, 40], [3, 1, 1])).toEqual([40, 40, 40]);
    const dot = [0, 0, 0, 0, 130, 0, 0, 0, 0];
    expect(operated("sharpness", -1, dot, [1, 3, 3])).toEqual([0, 0, 0, 0, 58, 0, 0, 0, 0]);
    expect(operated("sharpness", 0.5, dot, [1, 3, 3])).toEqual([0, 0, 0, 0, 166, 0, 0, 0, 0]);
  });

  test.each([0.5, -0.5])("moves by %d of the most", (share) => {
    const places = [
      [0, 0],
      [4, 0],
      [0, -4],
      [4, 3],
    ] as const;
    const angle = (share * 30 * Math.PI) / 180;
    for (const [x, y] of places) {
      const at = (name: PixelOperation) => centre(operated(name, share, spot(x, y), [1, 21, 21]), 21);
      const expected: Partial<Record<PixelOperation, readonly [number, number]>> = {
        translateX: [x + (share * 150 * 21) / 331, y],
        translateY: [x, y + (share * 150 * 21) / 331],
        // What lies below the middle goes left for a positive share: the result reads to the right there.
        shearX: [x - share * 0.3 * y, y],
        shearY: [x, y - share * 0.3 * x],
        rotate: [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)],
      };
      for (const [name, place] of Object.entries(expected)) {
        const found = at(name as PixelOperation);
        expect(Math.hypot(found[0] - place[0], found[1] - place[1]), `${name} of ${x}, ${y}`).toBeLessThan(
          0.15,
        );
      }
    }
  });

  test("cutout fills one square", () => {
    const bytes = new Array<number>(400).fill(200);
    const found = operated("cutout", 1, bytes, [1, 20, 20], { fill: 0.2, draws: [0.5, 0.5] });
    const changed = found.flatMap((byte, i) => (byte === 51 ? [i] : []));
    // 60/331 of 20 is 3.6 pixels: the middles of four by four are less than 1.8 away from the place.
    expect(changed.length).toBe(16);
    expect(changed[0]).toBe(8 * 20 + 8);
    expect(found.filter((byte) => byte === 200).length).toBe(384);
  });
});

const pictures = (range: readonly [number, number] = [0, 1]): Dataset =>
  fromArrays({
    x: random(3).tensor("float32", [6, 3, 8, 8], ...range).data as Float32Array,
    y: [0, 1, 2, 0, 1, 2],
    inputDims: [3, 8, 8],
    classes: 3,
  });

function read(dataset: Dataset, epoch = 0): Float32Array {
  const batch = createBatch(dataset, dataset.length);
  for (let i = 0; i < dataset.length; i++) dataset.read(i, batch, i, epoch);
  return batch.x;
}

describe.each([
  ["autoAugment", (data: Dataset, options?: PixelOptions) => autoAugment(data, options)],
  ["randAugment", (data: Dataset, options?: PixelOptions) => randAugment(data, options)],
] as const)("%s", (_, changed) => {
  test("follows from seed, epoch and sample alone, and changes most pictures", () => {
    const [set, plain] = [changed(pictures(), { seed: 5 }), read(pictures())];
    expect(read(set, 1)).toEqual(read(changed(pictures(), { seed: 5 }), 1));
    expect(read(set, 1)).not.toEqual(read(set, 2));
    expect(read(set, 1)).not.toEqual(read(changed(pictures(), { seed: 6 }), 1));
    const moved = Array.from({ length: 60 }, (_, i) => {
      const own = read(set, Math.floor(i / 6)).subarray((i % 6) * 192, (i % 6) * 192 + 192);
      return own.some((value, j) => Math.abs(value - (plain[(i % 6) * 192 + j] as number)) > 1e-3);
    }).filter(Boolean);
    // Pictures this small have too few pixels to equalize, and autoContrast finds no room in noise.
    expect(moved.length).toBeGreaterThan(25);
  });

  test("keeps to the range of the pictures", () => {
    const range = [-2, 3] as const;
    const found = read(changed(pictures(range), { range, seed: 1 }));
    expect(Math.min(...found)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...found)).toBeLessThanOrEqual(3.0001);
    expect(Math.max(...found)).toBeGreaterThan(1.5);
    expect(Math.min(...found)).toBeLessThan(-0.5);
  });
});

describe("policies", () => {
  test("do each step with its probability, one list a picture", () => {
    const data = fromArrays({
      x: new Float32Array(2000).fill(0.2),
      y: new Int32Array(500),
      inputDims: [1, 2, 2],
      classes: 1,
    });
    const set = autoAugment(data, {
      policy: [
        [["invert", 0.3]],
        [
          ["invert", 1],
          ["invert", 1],
        ],
      ],
    });
    const turned = read(set).filter((value) => value > 0.5).length / 2000;
    // Half of the pictures get the first list, of which three tenths are turned; the second turns twice.
    expect(turned).toBeGreaterThan(0.1);
    expect(turned).toBeLessThan(0.2);
    expect(read(autoAugment(pictures(), { policy: [[["rotate", 0, 9]]] }))).toEqual(read(pictures()));
    expect(imagenetPolicy.length).toBe(25);
  });

  test("refuse what they cannot do", () => {
    const refused: readonly (readonly [() => unknown, RegExp])[] = [
      [() => autoAugment(pictures(), { policy: [] }), /policy must have a list/],
      [
        () => autoAugment(pictures(), { policy: [[["blur" as never, 1]]] }),
        /an operation must be one of "shearX"/,
      ],
      [() => autoAugment(pictures(), { policy: [[["rotate", 2, 1]]] }), /the probability of rotate/],
      [() => autoAugment(pictures(), { policy: [[["rotate", 1, 11]]] }), /the magnitude of rotate/],
      [() => randAugment(pictures(), { count: 0 }), /randAugment: count/],
      [() => randAugment(pictures(), { operations: [] }), /operations must not be empty/],
      [() => randAugment(pictures(), { range: [1, 0] }), /randAugment: white/],
      [
        () => randAugment(fromArrays({ x: new Float32Array(4), y: [0], inputDims: [4], classes: 1 })),
        /needs pictures/,
      ],
    ];
    for (const [make, message] of refused) expect(make).toThrow(message);
  });
});
