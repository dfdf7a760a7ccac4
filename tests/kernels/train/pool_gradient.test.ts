import { describe, test } from "vitest";
import { type Bench, BUILDS, bench, random, randoms } from "../harness.ts";
import { checkClose, type Reference, reference } from "../references/close.ts";
import { outSize } from "../references/conv.ts";
import { type PoolShape, poolStruct } from "../references/pool.ts";
import { onEveryShare } from "./shares.ts";

const TOLERANCE = 16 * 2 ** -24;

const base = {
  ...{ batch: 2, inH: 5, inW: 6, channels: 3, kH: 2, kW: 2, strideH: 2, strideW: 2 },
  ...{ padTop: 0, padLeft: 0, padBottom: 0, padRight: 0, dilH: 1, dilW: 1 },
};

function sized(change: Partial<typeof base>): PoolShape {
  const s = { ...base, ...change };
  return {
    ...s,
    inStride: s.channels,
    outStride: s.channels,
    outH: outSize(s.inH, s.kH, s.strideH, s.padTop + s.padBottom, s.dilH),
    outW: outSize(s.inW, s.kW, s.strideW, s.padLeft + s.padRight, s.dilW),
  };
}

/** Calls visit(output element, elements of x in its window, taps inside the padded image). */
function forEachWindow(s: PoolShape, visit: (at: number, taps: number[], padded: number) => void): void {
  for (let at = 0; at < s.batch * s.outH * s.outW * s.channels; at++) {
    const c = at % s.channels;
    const p = Math.floor(at / s.channels);
    const [n, oy, ox] = [Math.floor(p / (s.outH * s.outW)), Math.floor(p / s.outW) % s.outH, p % s.outW];
    const taps: number[] = [];
    let padded = 0;
    for (let ky = 0; ky < s.kH; ky++) {
      for (let kx = 0; kx < s.kW; kx++) {
        const iy = oy * s.strideH - s.padTop + ky * s.dilH;
        const ix = ox * s.strideW - s.padLeft + kx * s.dilW;
        if (iy < s.inH + s.padBottom && ix < s.inW + s.padRight) padded++;
        if (iy < 0 || ix < 0 || iy >= s.inH || ix >= s.inW) continue;
        taps.push(((n * s.inH + iy) * s.inW + ix) * s.channels + c);
      }
    }
    visit(at, taps, padded);
  }
}

function add(to: Reference, at: number, term: number): void {
  to.values[at] = (to.values[at] as number) + term;
  to.magnitudes[at] = (to.magnitudes[at] as number) + Math.abs(term);
}

function check(on: Bench, s: PoolShape, seed: number): void {
  const where = `${JSON.stringify(s)} seed=${seed}`;
  const count = s.batch * s.inH * s.inW * s.channels;
  // Few values, so that windows have several largest elements.
  const x = randoms(count, seed).map((value) => Math.round(value * 3));
  const dy = randoms(s.batch * s.outH * s.outW * s.channels, seed + 1);
  const [shape, xAt, dyAt] = [on.i32(poolStruct(s)), on.f32(x), on.f32(dy)];

  const largest = reference(count);
  forEachWindow(s, (at, taps) => {
    if (taps.length === 0) return;
    const best = taps.reduce((a, b) => ((x[b] as number) > (x[a] as number) ? b : a));
    add(largest, best, dy[at] as number);
  });
  const [dx] = onEveryShare(on, [count], (call, [to]) => {
    call("f32_max_pool_gradient", shape, xAt, dyAt, to as number);
  });
  checkClose(dx as Float32Array, largest, TOLERANCE, `max ${where}`);

  for (const includePad of [0, 1]) {
    const all = reference(count);
    forEachWindow(s, (at, taps, padded) => {
      for (const tap of taps) add(all, tap, (dy[at] as number) / (includePad ? padded : taps.length));
    });
    const [dx] = onEveryShare(on, [count], (call, [to]) => {
      const tail = [includePad, s.padBottom, s.padRight] as const;
      call("f32_average_pool_gradient", shape, dyAt, to as number, ...tail);
    });
    checkClose(dx as Float32Array, all, TOLERANCE, `average ${where}`);
  }
}

describe.each(BUILDS)("gradients of pools, %s", (build) => {
  test("2×2 windows of every small size and channel count", () => {
    const on = bench(build, 512);
    for (let channels = 1; channels <= 20; channels++)
      check(on, sized({ channels, inH: 2 + (channels % 4) }), channels);
    for (let inW = 2; inW <= 9; inW++) check(on, sized({ inW, inH: 11 - inW }), inW);
  });

  test("windows that overlap, lie apart, are dilated, padded", () => {
    const on = bench(build, 2048);
    const next = random(77);
    const whole = (low: number, high: number) => low + Math.floor(((next() + 1) / 2) * (high - low + 1));
    for (let seed = 0; seed < 60; seed++) {
      const [kH, kW] = [whole(1, 3), whole(1, 4)];
      const change = {
        ...{ kH, kW, channels: whole(1, 21), inH: whole(7, 9), inW: whole(7, 11), batch: whole(1, 3) },
        ...{ strideH: whole(1, 3), strideW: whole(1, 3), dilH: whole(1, 2), dilW: whole(1, 2) },
        ...{ padTop: whole(0, kH - 1), padLeft: whole(0, kW - 1) },
        ...{ padBottom: whole(0, kH - 1), padRight: whole(0, kW - 1) },
      };
      check(on, sized(change), seed);
    }
  });
});
