import { describe, expect, test } from "vitest";
import { TimeoutError, UsageError } from "../../src/errors.ts";
import { Tensor } from "../../src/index.ts";
import { blurred, shifted } from "../../src/inspect/blur.ts";
import { type AscentStep, maximise, maximiseEach } from "../../src/inspect/maximise.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import {
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  relu,
  sequential,
  softmax,
} from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import { tensorData } from "../../src/tensor.ts";
import { random } from "../support/random.ts";

const drawn = (dims: readonly number[], seed: number): Float32Array =>
  random(seed).tensor("float32", dims).data as Float32Array;
const numbers = (of: Tensor): number[] => Array.from(of.data as Float32Array);

/** The cosine of the angle between two vectors, about their means where told. */
function likeness(a: ArrayLike<number>, b: ArrayLike<number>, aboutMeans = false): number {
  const centred = (of: ArrayLike<number>) => {
    const list = Array.from(of);
    const mean = aboutMeans ? list.reduce((sum, value) => sum + value, 0) / list.length : 0;
    return list.map((value) => value - mean);
  };
  const [x, y] = [centred(a), centred(b)];
  const dot = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * (q[i] as number), 0);
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

/** Scores that are a linear function of a picture. */
function linear(weights: Float32Array): Network {
  const b = graphBuilder({ name: "linear" });
  b.input("x", "float32", ["N", 3, 4, 5]);
  b.constant("w", tensorData("float32", [60, 2], weights));
  b.output(b.node("MatMul", [b.node("Flatten", ["x"]), "w"], {}, { outputs: ["scores"] }));
  return { graph: b.finish(), trainable: new Set() };
}

const small = (): Network =>
  sequential({ input: [3, 16, 16], seed: 3 }, [
    conv2d({ name: "first", filters: 8, kernelSize: 3 }),
    relu(),
    maxPool2d({ kernelSize: 2 }),
    conv2d({ name: "second", filters: 6, kernelSize: 3 }),
    relu(),
    globalAveragePool2d(),
    flatten(),
    dense({ name: "scores", units: 4 }),
    softmax(),
  ]);

/** One filter over a plane of open size, without a bias. */
function filter(kernel: readonly number[], size: number): Network {
  const b = graphBuilder({ name: "filter" });
  b.input("x", "float32", ["N", 1, "H", "W"]);
  b.constant("w", tensorData("float32", [1, 1, size, size], Float32Array.from(kernel)));
  b.output(b.node("Conv", ["x", "w"], { kernelShape: [size, size] }, { outputs: ["maps"] }));
  return { graph: b.finish(), trainable: new Set() };
}

describe("a linear score", () => {
  const weights = drawn([60, 2], 1);
  const column = (at: number) => Array.from({ length: 60 }, (_, i) => weights[i * 2 + at] as number);

  test.each([0, 1])("of class %i is greatest along its weights", async (channel) => {
    const { picture } = await maximise(linear(weights), { channel, steps: 200, decay: 0.05 });
    expect(picture.dims).toEqual([1, 3, 4, 5]);
    expect(likeness(numbers(picture), column(channel))).toBeGreaterThan(0.9999);
    expect(Math.abs(likeness(numbers(picture), column(1 - channel)))).toBeLessThan(0.5);
    // Where a step adds as much as decay takes: 0.05 · rms(x) = 0.1.
    const rms = Math.sqrt(numbers(picture).reduce((sum, x) => sum + x * x, 0) / 60);
    expect(rms).toBeCloseTo(2, 2);
  });

  test("is what the element's weights make of the picture, at every step", async () => {
    const steps: AscentStep[] = [];
    const onStep = (step: AscentStep) => void steps.push(step);
    const { score, scores, picture } = await maximise(linear(weights), { element: 1, steps: 5, onStep });
    const dot = (of: Tensor) => numbers(of).reduce((sum, x, i) => sum + x * (column(1)[i] as number), 0);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    // What a step begins with is the picture that the one before it left.
    for (const i of [1, 2, 3, 4]) expect(scores[i]).toBeCloseTo(dot((steps[i - 1] as AscentStep).picture), 4);
    expect(score).toBeCloseTo(dot(picture), 4);
    expect(numbers((steps[4] as AscentStep).picture)).toEqual(numbers(picture));
  });

  test("within a range goes to its corners, from a picture that stays as it is", async () => {
    const from = new Tensor("float32", drawn([1, 3, 4, 5], 2), [1, 3, 4, 5]);
    const before = numbers(from);
    const { picture } = await maximise(linear(weights), {
      channel: 0,
      from,
      range: [-1, 2],
      decay: 0,
      steps: 2000,
    });
    expect(numbers(picture)).toEqual(column(0).map((weight) => (weight > 0 ? 2 : -1)));
    expect(numbers(from)).toEqual(before);
  });
});

describe("a small network", () => {
  test.each([
    ["a class", { channel: 2 }],
    ["a channel", { of: "second", channel: 4, jitter: 2, blur: 0.5 }],
    ["an element", { of: "first", element: 37 }],
  ])("%s rises far above what noise gives", async (_, goal) => {
    const { score, scores } = await maximise(small(), { ...goal, steps: 60 });
    const noise = await Promise.all(
      [1, 2, 3, 4].map(
        async (seed) =>
          (await maximise(small(), { ...goal, steps: 1, stepSize: 1e-9, seed, noise: 1 })).score,
      ),
    );
    expect(score).toBeGreaterThan(2 * Math.max(...noise.map(Math.abs)));
    expect(scores.at(-1)).toBeGreaterThan(2 * Math.abs(scores[0] as number));
  });

  test("what comes follows from the seed", async () => {
    const run = async (seed: number) =>
      numbers((await maximise(small(), { channel: 1, steps: 8, jitter: 3, seed })).picture);
    expect(await run(4)).toEqual(await run(4));
    expect(await run(4)).not.toEqual(await run(5));
  });

  test("several goals are what each is by itself", async () => {
    const options = { of: "second", steps: 6, jitter: 1, blur: 1, blurEvery: 2 };
    const together = await maximiseEach(small(), [{ channel: 0 }, { channel: 5 }], options);
    for (const [i, channel] of [0, 5].entries())
      expect(together[i]).toEqual(await maximise(small(), { ...options, channel }));
  });

  test("ends when it is told to", async () => {
    const stop = new AbortController();
    let steps = 0;
    const onStep = () => {
      if (++steps === 3) stop.abort(new Error("enough"));
    };
    const options = { channel: 0, onStep, signal: stop.signal };
    await expect(maximise(small(), options)).rejects.toThrow("enough");
    expect(steps).toBe(3);
    await expect(maximise(small(), { channel: 0, steps: 1e6, timeoutMs: 30 })).rejects.toThrow(TimeoutError);
  });
});

describe("an oriented edge", () => {
  // The derivative of a Gaussian across a line at this angle.
  const edge = (degrees: number): number[] =>
    Array.from({ length: 81 }, (_, i) => {
      const [x, y] = [(i % 9) - 4, Math.floor(i / 9) - 4];
      const across = x * Math.cos((degrees * Math.PI) / 180) + y * Math.sin((degrees * Math.PI) / 180);
      return across * Math.exp(-(x * x + y * y) / 8);
    });

  test.each([0, 30, 90, 135])("at %i° is drawn at that angle", async (degrees) => {
    // One place of the map sees nothing but its window: the filter itself is what excites it most.
    const { picture } = await maximise(filter(edge(degrees), 9), {
      element: 0,
      inputDims: [1, 9, 9],
      steps: 150,
      decay: 0.05,
    });
    const found = [0, 30, 90, 135].map((angle) => likeness(numbers(picture), edge(angle), true));
    expect(likeness(numbers(picture), edge(degrees), true)).toBeGreaterThan(0.999);
    expect(found.indexOf(Math.max(...found))).toBe([0, 30, 90, 135].indexOf(degrees));
  });
});

describe("planes", () => {
  const size = { channels: 2, height: 3, width: 4 };
  const planes = Float32Array.from({ length: 24 }, (_, i) => i);

  test("come back from a shift", () => {
    const moved = shifted(planes, size, 1, -2);
    expect(Array.from(moved.subarray(0, 8))).toEqual([10, 11, 8, 9, 2, 3, 0, 1]);
    expect(Array.from(shifted(moved, size, -1, 2))).toEqual(Array.from(planes));
    expect(Array.from(shifted(planes, size, 5, -6))).toEqual(Array.from(shifted(planes, size, 2, 2)));
  });

  test("are blurred by a Gaussian of that width, and keep their sum and planes", () => {
    const wide = { channels: 2, height: 31, width: 33 };
    const point = new Float32Array(2 * 31 * 33);
    point[15 * 33 + 16] = 1;
    const soft = blurred(point, wide, 2);
    const moment = (weight: (x: number, y: number) => number): number =>
      soft.reduce((sum, value, i) => sum + value * weight((i % 33) - 16, Math.floor(i / 33) - 15), 0);
    expect(moment(() => 1)).toBeCloseTo(1, 5);
    expect(moment((x) => x * x)).toBeCloseTo(4, 0);
    expect(moment((_, y) => y * y)).toBeCloseTo(4, 0);
    expect(moment((x, y) => x * y)).toBeCloseTo(0, 5);
    expect(soft.subarray(31 * 33).every((value) => value === 0)).toBe(true);
    // Edges are held: what is even stays so.
    const even = blurred(new Float32Array(24).fill(3), size, 1.5);
    for (const value of even) expect(value).toBeCloseTo(3, 5);
  });
});

describe("what cannot be climbed", () => {
  const cases: readonly [string, object, RegExp][] = [
    ["no goal", {}, /either a channel or an element/],
    ["two goals", { channel: 0, element: 0 }, /either a channel or an element/],
    ["a class that is not there", { channel: 4 }, /channel must be .* at most 3/],
    ["a value that is not there", { of: "no", channel: 0 }, /no value "no"/],
    ["another picture", { channel: 0, inputDims: [3, 16] }, /expected \[C, H, W\]/],
    ["dims that are none", { channel: 0, inputDims: 3 as never }, /inputDims/],
    ["a beginning that is no picture", { channel: 0, from: {} as never }, /dims of from/],
    ["a range that is a number", { channel: 0, range: 3 as never }, /range/],
    ["decay of all", { channel: 0, decay: 1 }, /decay/],
    ["a range that is none", { channel: 0, range: [1, 0] }, /range/],
  ];
  test.each(cases)("%s", async (_, options, message) => {
    const climbing = maximise(small(), options);
    await expect(climbing).rejects.toThrow(UsageError);
    await expect(climbing).rejects.toThrow(message);
  });
});
