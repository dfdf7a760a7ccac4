import { describe, expect, it } from "vitest";
import type { DType } from "../../src/dtype.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";
import { evaluateOp, floats, numbersOf, randomFloats, tensorOf } from "./run-op.ts";

const one = (type: string, inputs: (TensorData | undefined)[], attributes = {}) =>
  evaluateOp(type, inputs, { attributes })[0] as TensorData;

const scalar = (dtype: DType, value: number) => tensorOf(dtype, [], [value]);

/** Whole numbers between min and max that depend on the seed alone. */
const whole = (dtype: DType, dims: number[], seed: number, min: number, max: number): TensorData =>
  tensorOf(
    dtype,
    dims,
    numbersOf(randomFloats(dims, seed)).map((x) => Math.floor(min + ((x + 1) / 2) * (max - min + 1))),
  );

describe("QuantizeLinear", () => {
  it("rounds halves to even and saturates", () => {
    const x = floats([7], [0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -Infinity]);
    expect(numbersOf(one("QuantizeLinear", [x, floats([], [1]), scalar("int8", 1)]))).toEqual([
      1, 3, 3, 1, -1, 127, -128,
    ]);
  });

  it("divides in float32, which decides ties", () => {
    // 3.4999999 in double, 3.5 in float32.
    const y = one("QuantizeLinear", [floats([1], [0.35]), floats([], [0.1]), scalar("uint8", 0)]);
    expect(numbersOf(y)).toEqual([4]);
  });

  it("takes a scale for each slice of an axis, or for each block along it", () => {
    const x = floats([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]);
    const zeros: TensorData = { dtype: "int16", dims: [4], data: Int16Array.of(0, 0, 9, 0) };
    const perAxis = one("QuantizeLinear", [x, floats([4], [1, 2, 1, 4]), zeros], { axis: -1 });
    expect(perAxis.dtype).toBe("int16");
    expect(numbersOf(perAxis)).toEqual([1, 1, 12, 1, 5, 3, 16, 2]);
    const blocked = one("QuantizeLinear", [x, floats([2, 2], [1, 0.5, 0.25, 1])], { axis: 1, blockSize: 3 });
    expect(numbersOf(blocked)).toEqual([1, 2, 3, 8, 20, 24, 28, 8]);
    expect(() => one("QuantizeLinear", [x, floats([3], [1, 1, 1])], { axis: 1 })).toThrow(
      /4 elements of axis 1/,
    );
    expect(() => one("QuantizeLinear", [x, floats([2, 2], [1, 1, 1, 1])], { axis: 1, blockSize: 4 })).toThrow(
      /need scales/,
    );
  });

  it("is undone by DequantizeLinear up to half a step", () => {
    const x = randomFloats([3, 5], 1);
    const [scale, zero] = [floats([3], [0.01, 0.02, 0.01]), tensorOf("uint8", [3], [128, 120, 100])];
    const q = one("QuantizeLinear", [x, scale, zero], { axis: 0 });
    const y = numbersOf(one("DequantizeLinear", [q, scale, zero], { axis: 0 }));
    numbersOf(x).forEach((value, i) => {
      expect(Math.abs((y[i] as number) - value)).toBeLessThanOrEqual(0.010001);
    });
  });
});

describe("DynamicQuantizeLinear", () => {
  const run = (values: number[]) =>
    evaluateOp("DynamicQuantizeLinear", [floats([values.length], values)], {
      outputs: ["y", "scale", "zero"],
    }).map(numbersOf);

  it("takes in 0", () => {
    expect(run([1, 2, 5.1])).toEqual([[50, 100, 255], [Math.fround(5.1 / 255)], [0]]);
    expect(run([-5.1, -1])[2]).toEqual([255]);
  });

  it("gives zeros the scale 1", () => expect(run([0, 0])).toEqual([[0, 0], [1], [0]]));
});

/** The convolution by its definition, over any number of axes. */
function naiveConv(
  x: TensorData,
  w: TensorData,
  xZero: number,
  wZeros: readonly number[],
  {
    pads,
    strides,
    dilations,
    group,
  }: { pads: number[]; strides: number[]; dilations: number[]; group: number },
  outputs: readonly number[],
): number[] {
  const [xs, ws] = [numbersOf(x), numbersOf(w)];
  const [batch, inC] = x.dims as [number, number];
  const [outC, perGroup, ...kernel] = w.dims as [number, number, ...number[]];
  const spatial = x.dims.slice(2);
  const unravel = (at: number, dims: readonly number[]) => {
    let rest = at;
    return [...dims]
      .reverse()
      .map((dim) => {
        const index = rest % dim;
        rest = Math.floor(rest / dim);
        return index;
      })
      .reverse();
  };
  const sums: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let m = 0; m < outC; m++) {
      for (let o = 0; o < elementCount(outputs); o++) {
        let sum = 0;
        for (let c = 0; c < perGroup; c++) {
          for (let t = 0; t < elementCount(kernel); t++) {
            const tap = unravel(t, kernel);
            const at = unravel(o, outputs).map(
              (index, i) =>
                index * (strides[i] as number) +
                (tap[i] as number) * (dilations[i] as number) -
                (pads[i] as number),
            );
            if (at.some((index, i) => index < 0 || index >= (spatial[i] as number))) continue;
            const channel = Math.floor(m / (outC / group)) * perGroup + c;
            const from = at.reduce(
              (offset, index, i) => offset * (spatial[i] as number) + index,
              n * inC + channel,
            );
            const weight =
              (ws[(m * perGroup + c) * elementCount(kernel) + t] as number) - (wZeros[m] as number);
            sum += ((xs[from] as number) - xZero) * weight;
          }
        }
        sums.push(sum);
      }
    }
  }
  return sums;
}

describe("integer convolutions", () => {
  const cases = [
    { x: [2, 3, 9], w: [4, 3, 3], pads: [1, 1], strides: [1], dilations: [1], group: 1 },
    { x: [1, 4, 7, 8], w: [6, 2, 3, 2], pads: [1, 0, 2, 1], strides: [2, 1], dilations: [1, 2], group: 2 },
    { x: [2, 5, 4, 3], w: [7, 5, 1, 1], pads: [0, 0, 0, 0], strides: [1, 1], dilations: [1, 1], group: 1 },
    { x: [1, 3, 6, 6], w: [3, 1, 3, 3], pads: [1, 1, 1, 1], strides: [2, 2], dilations: [1, 1], group: 3 },
    {
      x: [1, 2, 4, 5, 6],
      w: [3, 2, 2, 3, 2],
      pads: [1, 0, 1, 0, 1, 0],
      strides: [1, 2, 2],
      dilations: [2, 1, 1],
      group: 1,
    },
  ];

  it.each(cases)("ConvInteger of $x by $w", ({ x, w, ...attributes }) => {
    const image = whole("uint8", x, 1, 0, 255);
    const weight = whole("int8", w, 2, -128, 127);
    const zeros = whole("int8", [w[0] as number], 3, -5, 5);
    const y = one("ConvInteger", [image, weight, scalar("uint8", 7), zeros], attributes);
    expect(y.dtype).toBe("int32");
    expect(numbersOf(y)).toEqual(naiveConv(image, weight, 7, numbersOf(zeros), attributes, y.dims.slice(2)));
  });

  it("QLinearConv scales by output channel, adds the bias and saturates", () => {
    const [x, w] = [whole("uint8", [1, 2, 3, 3], 4, 0, 255), whole("int8", [2, 2, 2, 2], 5, -128, 127)];
    const attributes = { pads: [0, 0, 0, 0], strides: [1, 1], dilations: [1, 1], group: 1 };
    const wScale = floats([2], [0.01, 0.5]);
    const y = one("QLinearConv", [
      x,
      floats([], [0.02]),
      scalar("uint8", 100),
      w,
      wScale,
      tensorOf("int8", [2], [0, 0]),
      floats([], [0.1]),
      scalar("uint8", 120),
      tensorOf("int32", [2], [500, -500]),
    ]);
    const sums = naiveConv(x, w, 100, [0, 0], attributes, [2, 2]);
    const expected = sums.map((sum, i) => {
      const scale = (0.02 * (i < 4 ? 0.01 : 0.5)) / 0.1;
      return Math.max(0, Math.min(255, Math.round((sum + (i < 4 ? 500 : -500)) * scale) + 120));
    });
    expect(numbersOf(y)).toEqual(expected);
    expect(expected.some((value) => value === 0 || value === 255)).toBe(true);
  });
});

describe("integer matrix products", () => {
  it("MatMulInteger takes zero points by row and by column", () => {
    const a = tensorOf("uint8", [2, 2], [11, 12, 21, 22]);
    const b = tensorOf("int8", [2, 2], [1, 2, 3, 4]);
    const y = one("MatMulInteger", [a, b, tensorOf("uint8", [2], [10, 20]), tensorOf("int8", [2], [1, 2])]);
    expect(numbersOf(y)).toEqual([4, 4, 4, 4]);
  });

  it("QLinearMatMul broadcasts batches", () => {
    const a = tensorOf("uint8", [2, 1, 2], [1, 2, 3, 4]);
    const b = tensorOf("uint8", [2, 1], [5, 6]);
    const y = one("QLinearMatMul", [
      a,
      floats([], [0.5]),
      scalar("uint8", 0),
      b,
      floats([], [0.5]),
      scalar("uint8", 0),
      floats([], [1]),
      scalar("uint8", 10),
    ]);
    expect(y.dims).toEqual([2, 1, 1]);
    expect(numbersOf(y)).toEqual([14, 20]); // 17/4 and 39/4
  });
});
