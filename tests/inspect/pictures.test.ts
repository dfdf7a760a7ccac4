import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { InferenceSession, Tensor } from "../../src/index.ts";
import {
  activationSheet,
  activationsOf,
  fieldAt,
  filterSheet,
  filtersOf,
  receptiveFieldPicture,
  receptiveFieldsOf,
} from "../../src/inspect/index.ts";
import { conv2d, dense, flatten, maxPool2d, relu, sequential } from "../../src/nn/index.ts";
import { exportNetwork, networkFromModel } from "../../src/train/index.ts";
import type { ImageLike } from "../../src/vision/index.ts";
import { random } from "../support/random.ts";

const tensor = (dims: readonly number[], values: readonly number[]): Tensor =>
  new Tensor("float32", Float32Array.from(values), dims);
const noise = (dims: readonly number[], seed: number): Tensor =>
  new Tensor("float32", random(seed).tensor("float32", dims).data as Float32Array, dims);
const at = ({ data, width }: ImageLike, x: number, y: number): number[] =>
  Array.from(data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4));

const network = sequential({ input: [3, 12, 10], seed: 3 }, [
  conv2d({ name: "first", filters: 4, kernelSize: 3, padding: 1 }),
  relu({ name: "rectified" }),
  maxPool2d({ name: "pooled", kernelSize: 2 }),
  conv2d({ name: "second", filters: 5, kernelSize: 3 }),
  flatten(),
  dense({ name: "scores", units: 2 }),
]);

describe("filters", () => {
  test("are a convolution's weights, by the name of layer, value or weights, and the first's where none is named", () => {
    for (const of of [network, networkFromModel(exportNetwork(network))])
      for (const [weights, names] of [
        ["first.weight", [undefined, "first", "first.weight"]],
        ["second.weight", ["second", "second.weight"]],
      ] as const)
        for (const name of names) {
          const { data, dims } = network.graph.facts.get(weights)?.data ?? {};
          expect(filtersOf(of, name)).toMatchObject({ dims, data });
        }
  });

  test("of what is no convolution are refused by the names of those that there are", () => {
    expect(() => filtersOf(network, "scores")).toThrow(/no convolution "scores"; it has "first", "second"/);
    const flat = sequential({ input: [4] }, [dense({ units: 2 })]);
    expect(() => filtersOf(flat)).toThrow(UsageError);
  });

  test("of three channels stand in colours, each from its own least weight to its greatest", () => {
    // Red falls, green rises, blue stays in the middle: 255 × (w − least) / (greatest − least).
    const filters = tensor([2, 3, 1, 2], [1, -1, -1, 1, 0, 0, 5, 5, 5, 5, 6, 10]);
    const sheet = filterSheet(filters, { zoom: 1, gap: 0, columns: 2 });
    expect([sheet.width, sheet.height]).toEqual([4, 1]);
    expect([0, 1, 2, 3].map((x) => at(sheet, x, 0))).toEqual([
      [255, 0, 128, 255],
      [0, 255, 128, 255],
      [0, 0, 51, 255],
      [0, 0, 255, 255],
    ]);
  });

  test("of other channels stand in rows, with 0 in the middle of the colours", () => {
    const filters = tensor([2, 2, 1, 2], [0, 2, -2, 1, -0.5, 0.25, 0, 0.5]);
    const sheet = filterSheet(filters, { zoom: 1, gap: 0 });
    expect([sheet.width, sheet.height]).toEqual([4, 2]);
    const [least, zero, greatest] = [
      [5, 48, 97, 255],
      [247, 247, 247, 255],
      [103, 0, 31, 255],
    ];
    expect([0, 1, 2].map((x) => at(sheet, x, 0))).toEqual([zero, greatest, least]);
    // Three quarters of the way, of filters whose farthest weights are 2 and 0.5: between two of the eleven colours.
    for (const [x, y] of [
      [3, 0],
      [1, 1],
    ] as const)
      expect(at(sheet, x, y)).toEqual([229, 130, 104, 255]);
    expect([at(sheet, 0, 1), at(sheet, 2, 1), at(sheet, 3, 1)]).toEqual([least, zero, greatest]);
  });

  test("are enlarged to some 24 pixels, and only so many shown as asked", () => {
    const sheet = filterSheet(noise([9, 3, 5, 5], 1), { most: 4 });
    // Two by two, five pixels of four each, a white line around all.
    expect([sheet.width, sheet.height]).toEqual([43, 43]);
    expect(at(sheet, 21, 7)).toEqual([255, 255, 255, 255]);
    expect(() => filterSheet(noise([9, 3], 1))).toThrow(/expected filters/);
  });
});

describe("feature maps", () => {
  test("are what a session fetches", async () => {
    const x = noise([1, 3, 12, 10], 5);
    const names = ["rectified", "second", "scores"];
    const found = await activationsOf(network, x, names);
    const session = await InferenceSession.create(exportNetwork(network));
    const expected = await session.run({ x }, names);
    expect(Object.keys(found)).toEqual(names);
    for (const name of names) {
      expect(found[name]?.dims).toEqual(expected[name]?.dims);
      const numbers = Array.from(expected[name]?.data as Float32Array);
      numbers.forEach((value, i) => {
        expect(found[name]?.data[i]).toBeCloseTo(value, 5);
      });
    }
    await expect(activationsOf(network, x, "no")).rejects.toThrow(/no value "no"/);
  });

  test("stand in viridis, each from its own least to its greatest, or all alike", () => {
    const maps = tensor([1, 2, 1, 2], [0, 1, 1, 3]);
    const [dark, bright, third] = [
      [68, 1, 84, 255],
      [253, 231, 37, 255],
      [49, 104, 142, 255],
    ];
    const places = (shared: boolean) => {
      const sheet = activationSheet(maps, { gap: 0, shared });
      return [0, 1, 2, 3].map((x) => at(sheet, x, 0));
    };
    expect(places(false)).toEqual([dark, bright, dark, bright]);
    // A third of the way lies on the fourth of ten colours.
    expect(places(true)).toEqual([dark, third, third, bright]);
    expect(() => activationSheet(noise([2, 3, 4, 4], 1))).toThrow(/one picture/);
  });
});

describe("a receptive field", () => {
  const fields = receptiveFieldsOf(network);

  test("is known of every value with places", () => {
    expect([...fields.keys()].filter((name) => !name.includes("weight"))).toEqual([
      "x",
      "first",
      "rectified",
      "pooled",
      "second",
    ]);
    // 3, then a pool of 2 that sees 4 at a stride of 2, then two steps more of 2 pixels each.
    expect(fields.get("second")).toEqual([0, 1].map(() => ({ size: 8, stride: 2, start: -1 })));
  });

  test("holds the pixels that change an element, and no others", async () => {
    const place = { y: 1, x: 2 };
    const { x: left, y: top, width, height } = fieldAt(fields.get("second") ?? [], place);
    const elementOf = async (pixels: Float32Array) =>
      Array.from(
        (await activationsOf(network, tensor([1, 3, 12, 10], [...pixels]), "second")).second
          ?.data as Float32Array,
      )[5];
    const pixels = noise([1, 3, 12, 10], 2).data as Float32Array;
    const before = await elementOf(pixels);
    const changed: string[] = [];
    for (let y = 0; y < 12; y++)
      for (let x = 0; x < 10; x++) {
        const other = pixels.slice();
        for (const channel of [0, 1, 2]) other[channel * 120 + y * 10 + x] = 9 + channel;
        if ((await elementOf(other)) !== before) changed.push(`${y} ${x}`);
      }
    const inside = (y: number, x: number) => y >= top && y < top + height && x >= left && x < left + width;
    for (const place of changed)
      expect(inside(...(place.split(" ").map(Number) as [number, number]))).toBe(true);
    expect(changed).toContain(`${top} ${left}`);
    expect(changed).toContain(`${top + height - 1} ${Math.min(left + width, 10) - 1}`);
  });

  test("is drawn as a frame on a paler picture", () => {
    const photo = { data: new Uint8ClampedArray(10 * 12 * 4).fill(100), width: 10, height: 12 };
    const drawn = receptiveFieldPicture(photo, fields.get("second") ?? [], { y: 1, x: 0 });
    // Rows 1 to 8, columns −1 to 6: the frame's left side is outside.
    const [red, kept, pale] = [
      [228, 26, 28, 255],
      [100, 100, 100, 255],
      [193, 193, 193, 255],
    ];
    expect([at(drawn, 3, 1), at(drawn, 3, 8), at(drawn, 6, 4)]).toEqual([red, red, red]);
    expect([at(drawn, 0, 4), at(drawn, 5, 7)]).toEqual([kept, kept]);
    expect([at(drawn, 3, 0), at(drawn, 3, 9), at(drawn, 7, 4)]).toEqual([pale, pale, pale]);
  });
});
