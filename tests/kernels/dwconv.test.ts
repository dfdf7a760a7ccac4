import { describe, test } from "vitest";
import type { UnaryCode } from "../../src/kernels/contract.ts";
import { type Bench, BUILDS, bench, random, randoms } from "./harness.ts";
import { checkClose } from "./references/close.ts";
import { conv, dense, outSize, type Spatial, structOf } from "./references/conv.ts";

/** Rounding error of a sum of k products, relative to the sum of their magnitudes. */
const tolerance = (k: number): number => (k + 8) * 2 ** -24;

interface Options {
  bias?: boolean;
  residualStride?: number;
  activation?: UnaryCode;
  alpha?: number;
  beta?: number;
  parts?: number[];
  /** Placed at seeded elements of x. */
  special?: number[];
}

/** [kH*kW][C] from [C][kH*kW]. */
function pack(s: Spatial, w: Float32Array): Float32Array {
  const taps = s.kH * s.kW;
  return w.map((_, i) => w[(i % s.inC) * taps + Math.floor(i / s.inC)] as number);
}

function check(on: Bench, s: Spatial, seed: number, o: Options = {}): void {
  const where = `${JSON.stringify(s)} ${JSON.stringify(o)} seed=${seed}`;
  const taps = s.kH * s.kW;
  const pixels = s.batch * s.outH * s.outW;
  const slice = (rows: number, cols: number, stride: number): number =>
    Math.max(0, (rows - 1) * stride + cols);
  const x = randoms(slice(s.batch * s.inH * s.inW, s.inC, s.inStride), seed);
  for (const value of o.special ?? []) x[Math.abs(seed++ * 7919) % x.length] = value;
  const w = randoms(s.inC * taps, seed + 1);
  const bias = o.bias ? randoms(s.inC, seed + 2) : undefined;
  const { residualStride = 0, activation = 0, alpha = 0, beta = 0 } = o;
  const residual = residualStride ? randoms(slice(pixels, s.inC, residualStride), seed + 3) : undefined;
  const want = conv(s, { x, w, bias, residual, residualStride, activation, alpha, beta });
  const [shape, xAt, wAt] = [on.i32(structOf(s)), on.f32(x), on.f32(pack(s, w))];
  const [biasAt, residualAt] = [bias ? on.f32(bias) : 0, residual ? on.f32(residual) : 0];
  let first: Int32Array | undefined;
  for (const parts of o.parts ?? [1]) {
    const count = slice(pixels, s.outC, s.outStride);
    const y = on.output(count);
    for (let part = parts - 1; part >= 0; part--) {
      on.kernel("f32_dwconv")(
        shape,
        xAt,
        wAt,
        biasAt,
        residualAt,
        residualStride,
        y,
        activation,
        alpha,
        beta,
        part,
        parts,
      );
    }
    const bits = on.readI32(y, count);
    checkClose(dense(on.read(y, count), bits, pixels, s.outC, s.outStride), want, tolerance(taps), where);
    first ??= bits;
    if (!bits.every((value, i) => value === (first as Int32Array)[i]))
      throw new Error(`${where}: parts=${parts}`);
  }
}

function shapeOf(
  inH: number,
  inW: number,
  c: number,
  k: number,
  stride: number,
  pads: [number, number, number, number],
): Spatial {
  const [padTop, padLeft, padBottom, padRight] = pads;
  return {
    batch: 1,
    inH,
    inW,
    inC: c,
    inStride: c,
    outH: outSize(inH, k, stride, padTop + padBottom, 1),
    outW: outSize(inW, k, stride, padLeft + padRight, 1),
    outC: c,
    outStride: c,
    kH: k,
    kW: k,
    strideH: stride,
    strideW: stride,
    padTop,
    padLeft,
    dilH: 1,
    dilW: 1,
    group: c,
  };
}

describe.each(BUILDS)("f32_dwconv, %s", (build) => {
  test("3x3 and 5x5: every small image, every padding", () => {
    for (const k of [3, 5]) {
      for (const stride of [1, 2]) {
        const on = bench(build, 4096);
        for (let inH = 1; inH <= 7; inH++) {
          for (let inW = 1; inW <= 9; inW++) {
            for (const pads of [
              [0, 0, 0, 0],
              [1, 1, 1, 1],
              [2, 2, 2, 2],
              [0, 0, 1, 1],
              [1, 2, 2, 1],
              [4, 4, 4, 4],
            ] as const) {
              check(on, shapeOf(inH, inW, 5, k, stride, [...pads]), inH + inW, { bias: inW % 2 === 0 });
            }
          }
        }
        on.checkFences();
      }
    }
  });

  test("every channel count up to two cache lines", () => {
    const on = bench(build);
    for (let c = 1; c <= 33; c++) {
      for (const [k, stride] of [
        [3, 1],
        [3, 2],
        [5, 1],
        [2, 1],
      ] as const) {
        check(on, shapeOf(6, 9, c, k, stride, [1, 1, 1, 1]), c, {
          bias: true,
          activation: 2,
          alpha: -0.5,
          beta: 0.5,
          parts: [1, 2, 3],
        });
      }
    }
    on.checkFences();
  });

  test("seeded shapes: kernels, dilations, slices, residuals, activations, parts", () => {
    for (let seed = 0; seed < 200; seed++) {
      const on = bench(build, 256);
      const next = random(seed);
      const size = (least: number, most: number): number =>
        least + Math.floor(((next() + 1) / 2) * (most - least + 1));
      const k = [3, 5][seed % 2] as number;
      const [kH, kW] = seed % 3 === 0 ? [size(1, 7), size(1, 7)] : [k, k];
      const [strideH, strideW] = seed % 5 === 0 ? [size(1, 3), size(1, 3)] : [1, 1];
      const [dilH, dilW] = seed % 4 === 0 ? [size(1, 3), size(1, 3)] : [1, 1];
      const [padTop, padLeft, c] = [size(0, 3), size(0, 3), size(1, 40)];
      const [inH, inW] = [size(1, 14), size(1, 14)];
      const s: Spatial = {
        batch: size(1, 3),
        inH,
        inW,
        inC: c,
        inStride: c + size(0, 1) * size(1, 5),
        outH: outSize(inH, kH, strideH, padTop + size(0, 3), dilH),
        outW: outSize(inW, kW, strideW, padLeft + size(0, 3), dilW),
        outC: c,
        outStride: c + size(0, 1) * size(1, 5),
        kH,
        kW,
        strideH,
        strideW,
        padTop,
        padLeft,
        dilH,
        dilW,
        group: c,
      };
      check(on, s, seed, {
        bias: seed % 2 === 0,
        residualStride: seed % 7 === 0 ? c + (seed % 4) : 0,
        activation: ([0, 1, 2, 3, 6] as const)[seed % 5] as UnaryCode,
        alpha: -0.5,
        beta: 0.75,
        parts: [1, 2, 3, 5],
      });
      on.checkFences();
    }
  });

  test("NaN, infinities and signed zeros stay in their receptive field", () => {
    const on = bench(build);
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
    for (const [k, stride] of [
      [3, 1],
      [3, 2],
      [5, 1],
      [5, 2],
      [7, 1],
      [4, 1],
    ] as const) {
      for (const activation of [0, 1, 2] as const) {
        check(on, shapeOf(19, 17, 6, k, stride, [1, 1, 1, 1]), k, {
          activation,
          alpha: -1,
          beta: 3,
          special,
        });
      }
    }
    on.checkFences();
  });
});
