import { describe, expect, test } from "vitest";
import { adaptiveAveragePool2d } from "../../models/adaptive-pool.ts";
import { sequential } from "../../src/nn/index.ts";
import type { TensorData } from "../../src/tensor.ts";
import { expectAgreement, run } from "../nn/run-network.ts";
import { random } from "../support/random.ts";

/** PyTorch's definition, by loops over one map. */
function means(map: Float32Array, height: number, width: number, size: number): number[] {
  const bounds = (i: number, length: number) => [
    Math.floor((i * length) / size),
    Math.ceil(((i + 1) * length) / size),
  ];
  return Array.from({ length: size * size }, (_, i) => {
    const [top = 0, bottom = 0] = bounds(Math.floor(i / size), height);
    const [left = 0, right = 0] = bounds(i % size, width);
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += map[y * width + x] as number;
    return sum / ((bottom - top) * (right - left));
  });
}

describe("adaptiveAveragePool2d", () => {
  test.each([
    [6, 6, 6],
    [12, 18, 6],
    [13, 13, 6],
    [7, 10, 3],
    [3, 1, 7],
  ])("%i×%i pixels to the means of windows, %i a side", async (height, width, size) => {
    const network = sequential({ input: [2, height, width] }, [adaptiveAveragePool2d({ size })]);
    const x = random(3).tensor("float32", [1, 2, height, width]);
    const [output] = [...run(network.graph, x).values()] as [TensorData<"float32">];
    expect(output.dims).toEqual([1, 2, size, size]);
    const area = height * width;
    const data = x.data as Float32Array;
    const expected = [data.slice(0, area), data.slice(area)].flatMap((map) =>
      means(map, height, width, size),
    );
    output.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
    await expectAgreement(network);
  });

  test("needs to know the image's size", () => {
    expect(() => sequential({ input: [2, "H", 6] }, [adaptiveAveragePool2d({ size: 6 })])).toThrow(
      /known size/,
    );
  });
});
