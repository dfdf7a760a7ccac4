import { describe, test } from "vitest";
import { convWeightScratchBytes, weightSumsScratchBytes } from "../../../src/kernels/contract.ts";
import { type Bench, BUILDS, bench, random, randoms } from "../harness.ts";
import { checkClose } from "../references/close.ts";
import { outSize, type Spatial, structOf } from "../references/conv.ts";
import { weightGradient } from "../references/weight_gradient.ts";

/** Rounding error of a sum over so many pixels, relative to the sum of the terms' magnitudes. */
const tolerance = (pixels: number): number => (pixels + 8) * 2 ** -24;

const base = {
  ...{ batch: 1, inH: 5, inW: 4, inC: 1, outC: 1, kH: 3, kW: 3, strideH: 1, strideW: 1 },
  ...{ padTop: 1, padLeft: 1, dilH: 1, dilW: 1, group: 1 },
};

/** Pads at the end are those at the beginning; `gap` is what lies between the channels of two pixels. */
function sized(change: Partial<typeof base>, gap = 0): Spatial {
  const s = { ...base, ...change };
  return {
    ...s,
    inStride: s.inC + gap,
    outStride: s.outC + 2 * gap,
    outH: outSize(s.inH, s.kH, s.strideH, 2 * s.padTop, s.dilH),
    outW: outSize(s.inW, s.kW, s.strideW, 2 * s.padLeft, s.dilW),
  };
}

function check(on: Bench, s: Spatial, seed: number, chunkCounts = [1]): void {
  const pixels = s.batch * s.outH * s.outW;
  const slice = (rows: number, cols: number, stride: number) => Math.max(0, (rows - 1) * stride + cols);
  const x = randoms(slice(s.batch * s.inH * s.inW, s.inC, s.inStride), seed);
  const dy = randoms(slice(pixels, s.outC, s.outStride), seed + 1);
  const want = weightGradient(s, x, dy);
  const [shape, xAt, dyAt] = [on.i32(structOf(s)), on.f32(x), on.f32(dy)];
  const depthwise = s.group > 1 && s.group === s.inC && s.group === s.outC;
  const taps = s.kH * s.kW;
  const k = (taps * s.inC) / s.group;
  const [group, outC, inC] = depthwise ? [1, s.outC, 1] : [s.group, s.outC / s.group, s.inC / s.group];
  for (const chunks of chunkCounts) {
    const where = `${JSON.stringify(s)} chunks=${chunks} seed=${seed}`;
    let first: Int32Array | undefined;
    for (const parts of [1, 2, 3]) {
      const sums = on.output((chunks * weightSumsScratchBytes(group, group * outC, k)) / 4);
      const scratch = on.output((convWeightScratchBytes(k) * parts) / 4);
      const dw = on.output(want.values.length);
      for (let part = parts - 1; part >= 0; part--) {
        if (depthwise) on.kernel("f32_dwconv_weight_sums")(shape, xAt, dyAt, sums, chunks, part, parts);
        else on.kernel("f32_conv_weight_sums")(shape, xAt, dyAt, sums, chunks, scratch, part, parts);
      }
      for (let part = parts - 1; part >= 0; part--) {
        on.kernel("f32_conv_weight_finish")(sums, dw, chunks, group, outC, inC, taps, part, parts);
      }
      const bits = on.readI32(dw, want.values.length);
      checkClose(on.read(dw, want.values.length), want, tolerance(pixels), where);
      first ??= bits;
      if (!bits.every((value, i) => value === (first as Int32Array)[i]))
        throw new Error(`${where}: parts=${parts}`);
    }
  }
}

describe.each(BUILDS)("f32_conv_weight_sums, %s", (build) => {
  test("every channel count up to two tiles", () => {
    for (let inC = 1; inC <= 13; inC++) {
      const on = bench(build, 512);
      for (let outC = 1; outC <= 17; outC++) check(on, sized({ inC, outC }), inC * 100 + outC);
      on.checkFences();
    }
  });

  test("every count of pixels up to two blocks, in chunks", () => {
    const on = bench(build, 2048);
    for (let inW = 1; inW <= 20; inW++) {
      check(on, sized({ inH: 1, inW, inC: 3, outC: 9 }), inW, [1, 2, 3, 7]);
      check(on, sized({ inH: 31, inW, inC: 7, outC: 3, kH: 1, padTop: 0 }), inW, [1, 3]);
    }
    on.checkFences();
  });

  test("one tap, in place and with steps", () => {
    const on = bench(build, 1024);
    const one = { kH: 1, kW: 1, padTop: 0, padLeft: 0, batch: 2 };
    for (const inC of [1, 6, 7, 65, 130]) {
      check(on, sized({ ...one, inC, outC: 20 }), inC, [1, 2]);
      check(on, sized({ ...one, inC, outC: 9, strideH: 2, strideW: 3 }, 3), inC);
    }
    on.checkFences();
  });

  test.each([1, 2, 3, 4])("seeded shapes, %i", (seed) => {
    const next = random(seed * 7717);
    const whole = (low: number, high: number) => low + Math.floor(((next() + 1) / 2) * (high - low + 1));
    const on = bench(build, 4096);
    for (let i = 0; i < 40; i++) {
      const group = whole(1, 3);
      const own = { kH: whole(1, 5), kW: whole(1, 5), dilH: whole(1, 2), dilW: whole(1, 2) };
      const change = {
        ...own,
        ...{ batch: whole(1, 3), group, inC: group * whole(1, 9), outC: group * whole(1, 11) },
        ...{ inH: whole(9, 13), inW: whole(9, 17), strideH: whole(1, 3), strideW: whole(1, 3) },
        ...{ padTop: whole(0, own.kH), padLeft: whole(0, own.kW) },
      };
      check(on, sized(change, whole(0, 3)), seed * 1000 + i, [1, whole(2, 5)]);
    }
    on.checkFences();
  });
});

describe.each(BUILDS)("f32_dwconv_weight_sums, %s", (build) => {
  const depthwise = (channels: number) => ({ inC: channels, outC: channels, group: channels });

  test("every channel count up to two strips", () => {
    const on = bench(build, 512);
    for (let channels = 2; channels <= 17; channels++)
      check(on, sized({ ...depthwise(channels), batch: 2 }), channels, [1, 3]);
    on.checkFences();
  });

  test("every kernel, stride, dilation and width", () => {
    const on = bench(build, 4096);
    for (let kW = 1; kW <= 7; kW++) {
      for (let inW = 1; inW <= 9; inW++) {
        for (const strideW of [1, 2, 3]) {
          const dilW = kW > 1 && inW % 2 === 0 ? 2 : 1;
          const own = { kW, kH: 1 + (kW % 4), inW, strideW, dilW, padLeft: dilW * (kW - 1), padTop: 2 };
          check(on, sized({ ...depthwise(3), ...own }, inW % 3), kW * 100 + inW * 10 + strideW);
        }
      }
    }
    on.checkFences();
  });
});
