import { describe, expect, test } from "vitest";
import { batches, type Dataset, fromArrays, fromGenerator } from "../../../src/train/data/dataset.ts";
import { shuffledIndices } from "../../../src/train/data/shuffle.ts";
import { split, subset } from "../../../src/train/data/subset.ts";

const counted = (length: number): Dataset =>
  fromArrays({
    x: Float32Array.from({ length: length * 2 }, (_, i) => i),
    y: Array.from({ length }, (_, i) => i % 3),
    inputDims: [2],
    classes: 3,
  });

/** The inputs of one pass, batch by batch. */
async function inputs(dataset: Dataset, options: Parameters<typeof batches>[1]): Promise<number[][]> {
  const found: number[][] = [];
  for await (const { x, count } of batches(dataset, options)) found.push([...x.subarray(0, count * 2)]);
  return found;
}

const firsts = async (dataset: Dataset): Promise<number[]> =>
  (await inputs(dataset, { batchSize: 1 })).map(([x]) => x as number);

describe("batches", () => {
  test("have all samples in order, the last batch what is left", async () => {
    expect(await inputs(counted(3), { batchSize: 2 })).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
    expect(await inputs(counted(3), { batchSize: 2, dropLast: true })).toEqual([[0, 1, 2, 3]]);
  });

  test("shuffle as seed and epoch say", async () => {
    const pass = async (seed: number, epoch: number): Promise<number[]> =>
      (await inputs(counted(50), { batchSize: 7, seed, epoch })).flat();
    expect(await pass(1, 0)).toEqual(await pass(1, 0));
    expect(await pass(1, 0)).not.toEqual(await pass(1, 1));
    expect(await pass(1, 0)).not.toEqual(await pass(2, 0));
    expect((await pass(1, 0)).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test("wait for samples that are made later", async () => {
    const late = fromGenerator({
      length: 3,
      inputDims: [2],
      classes: 3,
      sample: async (index) => ({ x: [index, index], y: index }),
    });
    expect(await inputs(late, { batchSize: 2 })).toEqual([
      [0, 0, 1, 1],
      [2, 2],
    ]);
  });

  test("refuse inputs that are not finite, labels out of range and samples of the wrong size", async () => {
    const one = (x: number[], y: number): Dataset =>
      fromGenerator({ length: 1, inputDims: [2], classes: 3, sample: () => ({ x, y }) });
    const read = (dataset: Dataset): Promise<unknown> => inputs(dataset, { batchSize: 1 });
    await expect(read(one([0, Number.NaN], 0))).rejects.toThrow("the input of sample 0 holds NaN");
    await expect(read(one([Number.NEGATIVE_INFINITY, 0], 0))).rejects.toThrow("holds -Infinity");
    await expect(read(one([0, 0], 3))).rejects.toThrow("the label of sample 0 is 3, expected 0 to 2");
    await expect(read(one([0], 0))).rejects.toMatchObject({ code: "ERR_DATA" });
  });
});

test("arrays whose lengths or labels do not fit are refused", () => {
  const make = (x: number, y: number[]) => () =>
    fromArrays({ x: new Float32Array(x), y, inputDims: [2], classes: 3 });
  expect(make(3, [0])).toThrow("not whole samples");
  expect(make(4, [0])).toThrow("2 inputs need 2 label elements, got 1");
  expect(make(4, [0, -1])).toThrow("the label of sample 1 is -1");
  expect(make(4, [0, 0.5])).toThrow("the label of sample 1 is 0.5");
});

test("subset and split take the samples they say", async () => {
  expect(await firsts(subset(counted(5), 1, 3))).toEqual([2, 4]);
  expect(() => subset(counted(5), 3, 6)).toThrow("5 samples");
  const [some, rest] = split(counted(10), 0.3, 7);
  expect([some.length, rest.length]).toEqual([3, 7]);
  const all = [...(await firsts(some)), ...(await firsts(rest))];
  expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => i * 2));
});

test("a shuffle puts every number everywhere about equally often", () => {
  const counts = Array.from({ length: 8 }, () => new Array<number>(8).fill(0));
  for (let epoch = 0; epoch < 8000; epoch++)
    shuffledIndices(8, 3, epoch).forEach((value, at) => {
      (counts[at] as number[])[value] = ((counts[at] as number[])[value] as number) + 1;
    });
  // 1000 expected, standard deviation 30.
  for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
