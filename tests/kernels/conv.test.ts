import { describe, test } from "vitest";
import { convScratchBytes, type UnaryCode } from "../../src/kernels/contract.ts";
import { type Bench, BUILDS, bench, random, randoms } from "./harness.ts";
import { checkClose } from "./references/close.ts";
import { conv, dense, outSize, packConv, type Spatial, structOf } from "./references/conv.ts";

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

function check(on: Bench, s: Spatial, seed: number, o: Options = {}): void {
  const where = `${JSON.stringify(s)} ${JSON.stringify(o)} seed=${seed}`;
  const k = (s.kH * s.kW * s.inC) / s.group;
  const pixels = s.batch * s.outH * s.outW;
  const slice = (rows: number, cols: number, stride: number): number =>
    Math.max(0, (rows - 1) * stride + cols);
  const x = randoms(slice(s.batch * s.inH * s.inW, s.inC, s.inStride), seed);
  for (const value of o.special ?? []) x[Math.abs(seed++ * 7919) % x.length] = value;
  const w = randoms(s.outC * k, seed + 1);
  const bias = o.bias ? randoms(s.outC, seed + 2) : undefined;
  const { residualStride = 0, activation = 0, alpha = 0, beta = 0 } = o;
  const residual = residualStride ? randoms(slice(pixels, s.outC, residualStride), seed + 3) : undefined;
  const want = conv(s, { x, w, bias, residual, residualStride, activation, alpha, beta });
  const [shape, xAt, wAt] = [on.i32(structOf(s)), on.f32(x), on.f32(packConv(s, w))];
  const [biasAt, residualAt] = [bias ? on.f32(bias) : 0, residual ? on.f32(residual) : 0];
  let first: Int32Array | undefined;
  for (const parts of o.parts ?? [1]) {
    const count = slice(pixels, s.outC, s.outStride);
    const y = on.output(count);
    const scratch = on.output((convScratchBytes(k) * parts) / 4);
    for (let part = parts - 1; part >= 0; part--) {
      on.kernel("f32_conv")(
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
        scratch,
        part,
        parts,
      );
    }
    const bits = on.readI32(y, count);
    checkClose(dense(on.read(y, count), bits, pixels, s.outC, s.outStride), want, tolerance(k), where);
    first ??= bits;
    if (!bits.every((value, i) => value === (first as Int32Array)[i]))
      throw new Error(`${where}: parts=${parts}`);
  }
}

const base = { batch: 1, strideH: 1, strideW: 1, padTop: 0, padLeft: 0, dilH: 1, dilW: 1, group: 1 };

describe.each(BUILDS)("f32_conv, %s", (build) => {
  test("every channel count up to two tiles", () => {
    for (let inC = 1; inC <= 9; inC++) {
      const on = bench(build, 512);
      for (let outC = 1; outC <= 17; outC++) {
        const s = {
          ...base,
          inH: 4,
          inW: 3,
          inC,
          inStride: inC,
          outH: 4,
          outW: 3,
          outC,
          outStride: outC,
          kH: 3,
          kW: 3,
          padTop: 1,
          padLeft: 1,
        };
        check(on, s, inC * outC, { bias: true });
      }
      on.checkFences();
    }
  });

  test("strides, dilations, pads, kernels", () => {
    const on = bench(build, 8192);
    let seed = 0;
    for (const [kH, kW] of [
      [1, 1],
      [3, 3],
      [2, 5],
      [7, 7],
    ] as const) {
      for (const [strideH, strideW] of [
        [1, 1],
        [2, 2],
        [3, 1],
      ] as const) {
        for (const [dilH, dilW] of [
          [1, 1],
          [2, 1],
          [1, 3],
        ] as const) {
          for (const pad of [0, 1, 3]) {
            const [inH, inW, inC, outC] = [9, 11, 3, 9];
            const outH = outSize(inH, kH, strideH, 2 * pad, dilH);
            const outW = outSize(inW, kW, strideW, pad, dilW);
            const s = {
              ...base,
              inH,
              inW,
              inC,
              inStride: inC,
              outH,
              outW,
              outC,
              outStride: outC,
              kH,
              kW,
              strideH,
              strideW,
              dilH,
              dilW,
              padTop: pad,
              padLeft: pad,
            };
            check(on, s, seed++);
          }
        }
      }
    }
    on.checkFences();
  });

  test("seeded shapes: groups, slices, residuals, activations, parts", () => {
    for (let seed = 0; seed < 150; seed++) {
      const on = bench(build, 256);
      const next = random(seed);
      const size = (least: number, most: number): number =>
        least + Math.floor(((next() + 1) / 2) * (most - least + 1));
      const group = size(0, 2) === 0 ? size(2, 5) : 1;
      const [inC, outC] = [group * size(1, 6), group * size(1, 12)];
      const [kH, kW, strideH, strideW] = [size(1, 4), size(1, 4), size(1, 3), size(1, 3)];
      const [dilH, dilW, padTop, padLeft] = [size(1, 2), size(1, 2), size(0, 4), size(0, 4)];
      const [inH, inW] = [size(1, 12), size(1, 12)];
      const s = {
        batch: size(1, 3),
        inH,
        inW,
        inC,
        inStride: inC + size(0, 1) * size(1, 5),
        outH: outSize(inH, kH, strideH, padTop + size(0, 3), dilH),
        outW: outSize(inW, kW, strideW, padLeft + size(0, 3), dilW),
        outC,
        outStride: outC + size(0, 1) * size(1, 5),
        kH,
        kW,
        strideH,
        strideW,
        padTop,
        padLeft,
        dilH,
        dilW,
        group,
      };
      check(on, s, seed, {
        bias: seed % 2 === 0,
        residualStride: seed % 3 === 0 ? outC + (seed % 4) : 0,
        activation: ([0, 1, 2, 3, 6] as const)[seed % 5] as UnaryCode,
        alpha: -0.5,
        beta: 0.75,
        parts: [1, 2, 3, 5],
      });
      on.checkFences();
    }
  });

  test("deep: more than one block, and the grouped pointwise that gathers nothing", () => {
    const on = bench(build, 2048);
    const square = (side: number, inC: number, outC: number, kernel: number, group: number): Spatial => ({
      ...base,
      inH: side,
      inW: side,
      inC,
      inStride: inC,
      outH: side,
      outW: side,
      outC,
      outStride: outC,
      kH: kernel,
      kW: kernel,
      padTop: kernel >> 1,
      padLeft: kernel >> 1,
      group,
    });
    check(on, square(7, 480, 16, 3, 1), 1, { bias: true, parts: [1, 2, 3] });
    check(on, square(14, 36, 40, 3, 1), 2, { bias: true, parts: [1, 2, 3] });
    check(on, square(12, 24, 36, 1, 3), 3, { bias: true, activation: 1, parts: [1, 2, 3] });
    check(on, { ...square(6, 16, 12, 1, 2), strideH: 2, strideW: 2, outH: 3, outW: 3 }, 4, { parts: [1, 2] });
    on.checkFences();
  });

  test("NaN, infinities and signed zeros stay in their receptive field", () => {
    const on = bench(build);
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
    for (const [kernel, stride] of [
      [3, 1],
      [3, 2],
      [5, 1],
    ] as const) {
      for (const activation of [0, 1, 2] as const) {
        const out = outSize(19, kernel, stride, 2, 1);
        const s = {
          ...base,
          inH: 19,
          inW: 19,
          inC: 3,
          inStride: 3,
          outH: out,
          outW: out,
          outC: 9,
          outStride: 9,
          kH: kernel,
          kW: kernel,
          strideH: stride,
          strideW: stride,
          padTop: 1,
          padLeft: 1,
        };
        check(on, s, kernel, { activation, alpha: -1, beta: 3, special });
      }
    }
    on.checkFences();
  });
});
