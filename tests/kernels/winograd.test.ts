import { describe, expect, test } from "vitest";
import { convScratchBytes, type UnaryCode, winogradScratchBytes } from "../../src/kernels/contract.ts";
import { packedWinogradElements, packWinogradWeights } from "../../src/kernels/conv/winograd-packing.ts";
import { type Bench, BUILDS, bench, random, randoms } from "./harness.ts";
import { checkClose } from "./references/close.ts";
import { conv, dense, packConv, type Spatial, structOf } from "./references/conv.ts";

/**
 * Rounding error relative to the sum of the magnitudes of a whole tile's products: the transforms mix a tile's pixels,
 * so that a pixel with small products carries the error of its neighbours.
 */
const tolerance = (k: number): number => (k + 24) * 2 ** -22;

interface Options {
  bias?: boolean;
  residualStride?: number;
  activation?: UnaryCode;
  alpha?: number;
  beta?: number;
  parts?: number[];
}

/** [outC][3][3][inC] to [outC][inC][3][3]. */
const toOihw = (s: Spatial, w: Float32Array): Float32Array =>
  w.map((_, i) => {
    const [tap, c, oc] = [i % 9, Math.floor(i / 9) % s.inC, Math.floor(i / 9 / s.inC)];
    return w[(oc * 9 + tap) * s.inC + c] as number;
  });

const tilesOf = (s: Spatial): number => s.batch * Math.ceil(s.outH / 4) * Math.ceil(s.outW / 4);

function packed(s: Spatial, w: Float32Array): Float32Array {
  const target = new Float32Array(packedWinogradElements(s.outC, s.inC)).fill(Number.NaN);
  packWinogradWeights({ dtype: "float32", dims: [s.outC, s.inC, 3, 3], data: toOihw(s, w) }, target);
  return target;
}

/** Stride 1, 3×3, with the pads given and whatever output size they leave. */
function shapeOf(sizes: {
  batch?: number;
  inH: number;
  inW: number;
  inC: number;
  outC: number;
  pads?: readonly [number, number, number, number];
  gaps?: readonly [number, number];
}): Spatial {
  const { batch = 1, inH, inW, inC, outC, pads = [1, 1, 1, 1], gaps = [0, 0] } = sizes;
  return {
    batch,
    inH,
    inW,
    inC,
    inStride: inC + gaps[0],
    outH: Math.max(0, inH + pads[0] + pads[2] - 2),
    outW: Math.max(0, inW + pads[1] + pads[3] - 2),
    outC,
    outStride: outC + gaps[1],
    kH: 3,
    kW: 3,
    strideH: 1,
    strideW: 1,
    padTop: pads[0],
    padLeft: pads[1],
    dilH: 1,
    dilW: 1,
    group: 1,
  };
}

function check(on: Bench, s: Spatial, seed: number, o: Options = {}): void {
  const where = `${JSON.stringify(s)} ${JSON.stringify(o)} seed=${seed}`;
  const pixels = s.batch * s.outH * s.outW;
  const slice = (rows: number, cols: number, stride: number): number =>
    Math.max(0, (rows - 1) * stride + cols);
  const x = randoms(slice(s.batch * s.inH * s.inW, s.inC, s.inStride), seed);
  const w = randoms(s.outC * 9 * s.inC, seed + 1);
  const bias = o.bias ? randoms(s.outC, seed + 2) : undefined;
  const { residualStride = 0, activation = 0, alpha = 0, beta = 0 } = o;
  const residual = residualStride ? randoms(slice(pixels, s.outC, residualStride), seed + 3) : undefined;
  const want = conv(s, { x, w, bias, residual, residualStride, activation, alpha, beta });
  want.magnitudes.fill(want.magnitudes.reduce((a, b) => Math.max(a, b), 0));
  const [shape, xAt, wAt] = [on.i32(structOf(s)), on.f32(x), on.f32(packed(s, w))];
  const [biasAt, residualAt] = [bias ? on.f32(bias) : 0, residual ? on.f32(residual) : 0];
  let first: Int32Array | undefined;
  for (const parts of o.parts ?? [1]) {
    const count = slice(pixels, s.outC, s.outStride);
    const y = on.output(count);
    const scratch = on.output((winogradScratchBytes(s.inC, tilesOf(s)) * parts) / 4);
    for (let part = parts - 1; part >= 0; part--) {
      on.kernel("f32_conv_winograd4")(
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
    checkClose(
      dense(on.read(y, count), bits, pixels, s.outC, s.outStride),
      want,
      tolerance(9 * s.inC),
      where,
    );
    first ??= bits;
    if (!bits.every((value, i) => value === (first as Int32Array)[i]))
      throw new Error(`${where}: parts=${parts}`);
  }
}

/** Largest error of the two kernels relative to the RMS of the float64 result. */
function errors(on: Bench, s: Spatial, seed: number): { winograd: number; direct: number } {
  const x = randoms(s.inH * s.inW * s.inC, seed);
  const w = randoms(s.outC * 9 * s.inC, seed + 1);
  const want = conv(s, { x, w }).values;
  const k = 9 * s.inC;
  const [shape, xAt] = [on.i32(structOf(s)), on.f32(x)];
  const rms = Math.sqrt(want.reduce((sum, value) => sum + value * value, 0) / want.length);
  const worst = (
    kernel: "f32_conv" | "f32_conv_winograd4",
    weights: Float32Array,
    scratch: number,
  ): number => {
    const y = on.output(want.length);
    on.kernel(kernel)(shape, xAt, on.f32(weights), 0, 0, 0, y, 0, 0, 0, on.output(scratch), 0, 1);
    const got = on.read(y, want.length);
    return want.reduce((most, value, i) => Math.max(most, Math.abs(value - (got[i] as number))), 0) / rms;
  };
  return {
    winograd: worst("f32_conv_winograd4", packed(s, w), winogradScratchBytes(s.inC, tilesOf(s)) / 4),
    direct: worst("f32_conv", packConv(s, w), convScratchBytes(k) / 4),
  };
}

describe.each(BUILDS)("f32_conv_winograd4, %s", (build) => {
  test("every image up to two tiles", () => {
    for (let inH = 0; inH <= 9; inH++) {
      const on = bench(build, 512);
      for (let inW = 0; inW <= 9; inW++) {
        check(on, shapeOf({ inH, inW, inC: 5, outC: 9 }), 10 * inH + inW, { bias: true });
      }
      on.checkFences();
    }
  });

  test("every channel count up to two panels", () => {
    for (let inC = 1; inC <= 9; inC++) {
      const on = bench(build, 512);
      for (let outC = 1; outC <= 17; outC++) {
        check(on, shapeOf({ inH: 6, inW: 7, inC, outC }), inC * outC, { residualStride: outC });
      }
      on.checkFences();
    }
  });

  test("seeded shapes: batches, pads, slices, residuals, activations, parts", () => {
    for (let seed = 0; seed < 120; seed++) {
      const on = bench(build, 512);
      const next = random(seed);
      const size = (least: number, most: number): number =>
        least + Math.floor(((next() + 1) / 2) * (most - least + 1));
      const s = shapeOf({
        batch: size(1, 3),
        inH: size(1, 19),
        inW: size(1, 19),
        inC: size(1, 20),
        outC: size(1, 36),
        pads: [size(0, 4), size(0, 4), size(0, 4), size(0, 4)],
        gaps: [size(0, 1) * size(1, 5), size(0, 1) * size(1, 5)],
      });
      check(on, s, seed, {
        bias: seed % 2 === 0,
        residualStride: seed % 3 === 0 ? s.outC + (seed % 4) : 0,
        activation: ([0, 1, 2, 3, 6] as const)[seed % 5] as UnaryCode,
        alpha: -0.5,
        beta: 0.75,
        parts: [1, 2, 3, 5],
      });
      on.checkFences();
    }
  });

  test("more channels than one chunk, more tiles than one block", () => {
    const on = bench(build, 4096);
    const parts = [1, 2, 3];
    check(on, shapeOf({ inH: 9, inW: 6, inC: 68, outC: 24 }), 1, { bias: true, parts });
    check(on, shapeOf({ inH: 33, inW: 31, inC: 12, outC: 20 }), 2, { activation: 1, parts });
    check(on, shapeOf({ batch: 2, inH: 17, inW: 13, inC: 129, outC: 11 }), 3, { bias: true, parts });
    on.checkFences();
  });

  test("a NaN stays in the tiles that see it", () => {
    const on = bench(build);
    const s = shapeOf({ inH: 16, inW: 16, inC: 4, outC: 8 });
    const x = randoms(16 * 16 * 4, 1);
    x[(9 * 16 + 9) * 4] = Number.NaN;
    const y = on.output(16 * 16 * 8);
    const scratch = on.output(winogradScratchBytes(4, 16) / 4);
    const w = packed(s, randoms(8 * 9 * 4, 2));
    const shape = on.i32(structOf(s));
    on.kernel("f32_conv_winograd4")(shape, on.f32(x), on.f32(w), 0, 0, 0, y, 1, 0, 0, scratch, 0, 1);
    on.read(y, 16 * 16 * 8).forEach((value, i) => {
      const [row, column] = [Math.floor(i / 128), Math.floor(i / 8) % 16];
      const direct = Math.abs(row - 9) <= 1 && Math.abs(column - 9) <= 1;
      const tile = row >> 2 === 2 && column >> 2 === 2;
      if (direct || !tile) expect(Number.isNaN(value), `row ${row}, column ${column}`).toBe(direct);
    });
    on.checkFences();
  });

  test.each([64, 128, 256, 512])("error against float64 at %d channels", (inC) => {
    const on = bench(build, 4096);
    const { winograd, direct } = errors(on, shapeOf({ inH: 14, inW: 14, inC, outC: 32 }), inC);
    expect(winograd).toBeLessThan(1.6e-5);
    expect(winograd).toBeLessThan(8 * direct);
    on.checkFences();
  });
});
