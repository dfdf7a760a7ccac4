import { describe, expect, it } from "vitest";
import { elementCount } from "../../src/tensor.ts";
import { evaluateOp, floats, longs, numbersOf, randomFloats } from "./run-op.ts";

/** The transform of [length, 2] as its text reads. */
function naive(values: number[], inverse: boolean): number[] {
  const n = values.length / 2;
  return Array.from({ length: n }, (_, k) => {
    let [re, im] = [0, 0];
    for (let i = 0; i < n; i++) {
      const angle = ((inverse ? 2 : -2) * Math.PI * i * k) / n;
      const [a, b] = [values[2 * i] as number, values[2 * i + 1] as number];
      re += a * Math.cos(angle) - b * Math.sin(angle);
      im += a * Math.sin(angle) + b * Math.cos(angle);
    }
    return inverse ? [re / n, im / n] : [re, im];
  }).flat();
}

describe("DFT", () => {
  it.each([1, 2, 7, 16, 33, 45, 64, 97])("of length %i is the plain sum", (length) => {
    const input = randomFloats([1, length, 2], length);
    for (const inverse of [0, 1]) {
      const expected = naive(numbersOf(input), inverse === 1);
      const actual = numbersOf(
        evaluateOp("DFT", [input, undefined, longs([], [1])], { attributes: { inverse } })[0],
      );
      actual.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 4);
      });
    }
  });

  it.each([8, 9])("one-sided and back gives the real signal of length %i", (length) => {
    const signal = randomFloats([2, length, 1], 3);
    const half = evaluateOp("DFT", [signal], { opset: 17, attributes: { onesided: 1 } })[0];
    expect(half?.dims).toEqual([2, Math.floor(length / 2) + 1, 2]);
    const inverse = { opset: 17, attributes: { onesided: 1, inverse: 1 } };
    const [back] = evaluateOp("DFT", [half, longs([], [length])], inverse);
    expect(back?.dims).toEqual(signal.dims);
    numbersOf(back).forEach((value, i) => {
      expect(value).toBeCloseTo(numbersOf(signal)[i] as number, 5);
    });
  });

  it("pads or cuts to dft_length, along the axis", () => {
    const input = floats([1, 2, 2, 1], [1, 2, 3, 4]);
    const [padded] = evaluateOp("DFT", [input, longs([], [4]), longs([], [1])]);
    expect(padded?.dims).toEqual([1, 4, 2, 2]);
    expect(numbersOf(padded).slice(0, 4)).toEqual([4, 0, 6, 0]);
    expect(numbersOf(evaluateOp("DFT", [input, longs([], [1]), longs([], [1])])[0])).toEqual([1, 0, 2, 0]);
    expect(() => evaluateOp("DFT", [input, undefined, longs([], [3])])).toThrow(/axis 3/);
  });
});

describe("STFT", () => {
  it("weights each frame by the window", () => {
    const signal = floats([1, 6, 1], [1, 1, 1, 1, 1, 1]);
    const [spectra] = evaluateOp("STFT", [signal, longs([], [2]), floats([4], [0, 1, 1, 0])]);
    expect(spectra?.dims).toEqual([1, 2, 3, 2]);
    expect(elementCount(spectra?.dims ?? [])).toBe(12);
    expect(numbersOf(spectra)[0]).toBeCloseTo(2, 6);
  });
});

describe("losses", () => {
  const scores = floats([2, 3], [1, 2, 3, 1, 2, 3]);
  const loss = (labels: number[], attributes: Record<string, string | number>, weights?: number[]) =>
    numbersOf(
      evaluateOp("SoftmaxCrossEntropyLoss", [scores, longs([2], labels), weights && floats([3], weights)], {
        attributes,
      })[0],
    );
  const third = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 3;

  it("average by weight and leave out ignored labels", () => {
    expect(loss([2, 1], {})[0]).toBeCloseTo(third + 0.5, 5);
    expect(loss([2, 1], { ignoreIndex: 1 })[0]).toBeCloseTo(third, 5);
    expect(loss([2, 1], {}, [1, 3, 1])[0]).toBeCloseTo((third + 3 * (third + 1)) / 4, 5);
    expect(loss([2, -1], { ignoreIndex: -1, reduction: "none" })[1]).toBe(0);
  });

  it("refuse a label that is no class", () => {
    expect(() => loss([2, 3], {})).toThrow(/target 3 is out of range for 3 classes/);
  });
});
