import { describe, expect, test } from "vitest";
import { squareSumsScratchBytes } from "../../../src/kernels/contract.ts";
import { type Bench, BUILDS, bench, randoms } from "../harness.ts";
import { type Call, onEveryShare } from "./shares.ts";

const TOLERANCE = 4e-6;

/** Addresses; 0 where a step has fewer moments. */
interface Places {
  readonly w: number;
  readonly g: number;
  readonly moments: readonly [number, number];
  readonly rate: number;
  readonly guard: number;
  /** The number of the update: 5. */
  readonly step: number;
  readonly to: readonly [w: number, number, number];
  readonly count: number;
}

interface Step {
  /** Number of moments. */
  readonly moments: number;
  /** Calls its kernel. */
  update(call: Call, at: Places): void;
  /** [w, moments…] after a step of rate 0.1. */
  next(w: number, g: number, moments: readonly number[]): number[];
}

const DECAY = 0.01;
const sgd = (moments: number, nesterov: number): Step => ({
  moments,
  update: (call, { w, g, moments: [v], rate, guard, to: [toW, toV], count }) =>
    call("f32_sgd_update", w, g, v, rate, guard, toW, toV, count, 0.9, nesterov, DECAY),
  next(w, g, [v = 0]) {
    const slope = g + DECAY * w;
    const velocity = moments ? 0.9 * v + slope : slope;
    const step = moments && nesterov ? slope + 0.9 * velocity : velocity;
    return [w - 0.1 * step, velocity].slice(0, 1 + moments);
  },
});
const adam = (decoupled: number): Step => ({
  moments: 2,
  update(call, { w, g, moments, rate, guard, step, to, count }) {
    const tail = [0.9, 0.999, 1e-8, DECAY, decoupled] as const;
    call("f32_adam_update", w, g, ...moments, rate, guard, step, ...to, count, ...tail);
  },
  next(w, g, [m = 0, v = 0]) {
    const slope = decoupled ? g : g + DECAY * w;
    const [mean, square] = [0.9 * m + 0.1 * slope, 0.999 * v + 0.001 * slope * slope];
    const kept = decoupled ? w - 0.1 * DECAY * w : w;
    const reach = Math.sqrt(square / (1 - 0.999 ** 5)) + 1e-8;
    return [kept - (0.1 * (mean / (1 - 0.9 ** 5))) / reach, mean, square];
  },
});
const rmsProp = (moments: number): Step => ({
  moments,
  update: (call, { w, g, moments: placed, rate, guard, to, count }) =>
    call("f32_rms_prop_update", w, g, ...placed, rate, guard, ...to, count, 0.95, 1e-6, 0.9, DECAY),
  next(w, g, [s = 0, u = 0]) {
    const slope = g + DECAY * w;
    const square = 0.95 * s + 0.05 * slope * slope;
    const step = (moments > 1 ? 0.9 * u : 0) + slope / (Math.sqrt(square) + 1e-6);
    return [w - 0.1 * step, square, step].slice(0, 1 + moments);
  },
});

const STEPS: Readonly<Record<string, Step>> = {
  "sgd without momentum": sgd(0, 0),
  "sgd with momentum": sgd(1, 0),
  "sgd, Nesterov": sgd(1, 1),
  adam: adam(0),
  adamW: adam(1),
  "rms prop": rmsProp(1),
  "rms prop with momentum": rmsProp(2),
};
function run(on: Bench, step: Step, count: number, guard: number): void {
  const [w, g] = [randoms(count, count), randoms(count, count + 1)];
  const moments = [0, 1].map((i) => randoms(count, count + 2 + i).map(Math.abs));
  const [m, v] = moments.map((values, i) => (i < step.moments ? on.f32(values) : 0)) as [number, number];
  const places = {
    ...{ w: on.f32(w), g: on.f32(g), moments: [m, v] as const, count },
    ...{ rate: on.f32([0.1]), guard: on.f32([guard]), step: on.f32([5]) },
  };
  const outputs = onEveryShare(on, Array(1 + step.moments).fill(count), (call, to) => {
    const [toW = 0, toFirst = 0, toSecond = 0] = to;
    step.update(call, { ...places, to: [toW, toFirst, toSecond] });
  });
  for (let i = 0; i < count; i++) {
    const own = moments.slice(0, step.moments).map((values) => values[i] as number);
    const before = [w[i] as number, ...own];
    const wanted = Number.isFinite(guard) ? step.next(w[i] as number, g[i] as number, own) : before;
    wanted.forEach((value, k) => {
      const bound = Number.isFinite(guard) ? TOLERANCE * Math.max(1, Math.abs(value)) : 0;
      expect(Math.abs((outputs[k]?.[i] as number) - value)).toBeLessThanOrEqual(bound);
    });
  }
}

describe.each(BUILDS)("updates, %s", (build) => {
  test.each(Object.keys(STEPS))("%s", (name) => {
    const on = bench(build, 64);
    for (let count = 0; count <= 17; count++) run(on, STEPS[name] as Step, count, 1.5);
  });

  test.each(Object.keys(STEPS))("%s changes nothing when the loss is no number", (name) => {
    const on = bench(build, 64);
    for (const guard of [Number.NaN, Number.POSITIVE_INFINITY]) run(on, STEPS[name] as Step, 9, guard);
  });

  test("the norm of several arrays", () => {
    const on = bench(build, 64);
    for (const counts of [[1], [3, 4096, 0], [4097, 9000, 5]]) {
      const arrays = counts.map((count, i) => randoms(count, count + i));
      const at = arrays.map((values) => on.f32(values));
      const [norm] = onEveryShare(on, [1], (call, [to]) => {
        const bytes = counts.map(squareSumsScratchBytes).reduce((a, b) => a + b, 0);
        const sums = on.output(bytes / 4);
        let done = 0;
        counts.forEach((count, i) => {
          call("f32_square_sums", at[i] as number, sums + done, count);
          done += squareSumsScratchBytes(count);
        });
        call("f32_root_of_sums", sums, bytes / 8, to as number);
      });
      const wanted = Math.sqrt(arrays.flatMap((a) => Array.from(a)).reduce((sum, v) => sum + v * v, 0));
      expect(norm?.[0]).toBe(Math.fround(wanted));
    }
  });

  test("a dropout mask keeps the share asked for, and differs from seed to seed", () => {
    const on = bench(build, 64);
    const maskOf = (seed: number, count: number) => {
      const seedAt = on.i32([seed]);
      const [mask] = onEveryShare(on, [count], (call, [to]) => {
        call("f32_dropout_mask", seedAt, 0, to as number, count, 0.3 * 2 ** 32, 1 / 0.7);
      });
      return mask as Float32Array;
    };
    for (let count = 0; count <= 17; count++) expect(maskOf(1, count)).toEqual(maskOf(1, 17).slice(0, count));
    const [a, b] = [maskOf(7, 20_000), maskOf(8, 20_000)];
    for (const mask of [a, b]) {
      const dropped = mask.filter((value) => value === 0).length / mask.length;
      expect(Math.abs(dropped - 0.3)).toBeLessThan(0.015);
      expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    }
    // Two masks, and a mask and its neighbour, agree as often as chance has it: 0.3² + 0.7².
    const agree = (other: (i: number) => number | undefined) =>
      a.reduce((sum, value, i) => sum + (value === other(i) ? 1 : 0), 0) / a.length;
    expect(Math.abs(agree((i) => b[i]) - 0.58)).toBeLessThan(0.02);
    expect(Math.abs(agree((i) => a[i + 1]) - 0.58)).toBeLessThan(0.02);
  });
});
