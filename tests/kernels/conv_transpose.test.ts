import { describe, test } from "vitest";
import { convTransposeScratchBytes, type UnaryCode } from "../../src/kernels/contract.ts";
import { type Bench, BUILDS, bench, random, randoms } from "./harness.ts";
import { checkClose } from "./references/close.ts";
import { dense, type Spatial, structOf } from "./references/conv.ts";
import { convTranspose, packConvTranspose } from "./references/conv_transpose.ts";

/** Rounding error of a sum of k products, relative to the sum of their magnitudes. */
const tolerance = (k: number): number => (k + 8) * 2 ** -24;
/** Floats for each part. */
const scratchOf = (s: Spatial): number => convTransposeScratchBytes((s.kH * s.kW * s.outC) / s.group) / 4;

interface Options {
  bias?: boolean;
  activation?: UnaryCode;
  alpha?: number;
  beta?: number;
  parts?: number[];
}

function check(on: Bench, s: Spatial, seed: number, o: Options = {}): void {
  const where = `${JSON.stringify(s)} ${JSON.stringify(o)} seed=${seed}`;
  const pixels = s.batch * s.outH * s.outW;
  const slice = (rows: number, cols: number, stride: number): number =>
    Math.max(0, (rows - 1) * stride + cols);
  const x = randoms(slice(s.batch * s.inH * s.inW, s.inC, s.inStride), seed);
  const w = randoms((s.inC * s.kH * s.kW * s.outC) / s.group, seed + 1);
  const bias = o.bias ? randoms(s.outC, seed + 2) : undefined;
  const { activation = 0, alpha = 0, beta = 0 } = o;
  const want = convTranspose(s, { x, w, bias, activation, alpha, beta });
  const [shape, xAt, wAt, biasAt] = [
    on.i32(structOf(s)),
    on.f32(x),
    on.f32(packConvTranspose(s, w)),
    bias ? on.f32(bias) : 0,
  ];
  let first: Int32Array | undefined;
  for (const parts of o.parts ?? [1]) {
    const count = slice(pixels, s.outC, s.outStride);
    const y = on.output(count);
    const scratch = on.output(scratchOf(s) * parts);
    for (let part = parts - 1; part >= 0; part--) {
      on.kernel("f32_conv_transpose")(
        shape,
        xAt,
        wAt,
        biasAt,
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
    const got = dense(on.read(y, count), bits, pixels, s.outC, s.outStride);
    checkClose(got, want, tolerance((s.inC / s.group) * s.kH * s.kW), where);
    first ??= bits;
    if (!bits.every((value, i) => value === (first as Int32Array)[i]))
      throw new Error(`${where}: parts=${parts}`);
  }
}

/** Output size along one axis; `extra` is output_padding. */
const outSize = (
  size: number,
  kernel: number,
  stride: number,
  pads: number,
  dilation: number,
  extra: number,
): number => Math.max(0, stride * (size - 1) + extra + (kernel - 1) * dilation + 1 - pads);

describe.each(BUILDS)("f32_conv_transpose, %s", (build) => {
  test("the usual upsamplings", () => {
    const on = bench(build);
    for (const [k, stride, pad, extra] of [
      [2, 2, 0, 0],
      [3, 2, 1, 1],
      [4, 2, 1, 0],
      [3, 1, 1, 0],
      [5, 3, 2, 1],
    ] as const) {
      for (const [inC, outC] of [
        [1, 1],
        [3, 8],
        [17, 5],
        [40, 24],
      ] as const) {
        const s: Spatial = {
          batch: 2,
          inH: 7,
          inW: 9,
          inC,
          inStride: inC,
          outH: outSize(7, k, stride, 2 * pad, 1, extra),
          outW: outSize(9, k, stride, 2 * pad, 1, extra),
          outC,
          outStride: outC,
          kH: k,
          kW: k,
          strideH: stride,
          strideW: stride,
          padTop: pad,
          padLeft: pad,
          dilH: 1,
          dilW: 1,
          group: 1,
        };
        check(on, s, inC, { bias: true, activation: 1, parts: [1, 2, 3] });
      }
    }
    on.checkFences();
  });

  test("seeded shapes: groups, dilations, pads, slices, activations, parts", () => {
    for (let seed = 0; seed < 150; seed++) {
      const on = bench(build, 256);
      const next = random(seed);
      const size = (least: number, most: number): number =>
        least + Math.floor(((next() + 1) / 2) * (most - least + 1));
      const group = seed % 3 === 0 ? size(2, 4) : 1;
      const [inC, outC] = [group * size(1, 6), group * size(1, 9)];
      const [kH, kW, strideH, strideW] = [size(1, 4), size(1, 4), size(1, 3), size(1, 3)];
      const [dilH, dilW, padTop, padLeft] = [size(1, 2), size(1, 2), size(0, 2), size(0, 2)];
      const [inH, inW] = [size(1, 9), size(1, 9)];
      const s: Spatial = {
        batch: size(1, 3),
        inH,
        inW,
        inC,
        inStride: inC + size(0, 1) * size(1, 5),
        outH: outSize(inH, kH, strideH, padTop + size(0, 2), dilH, size(0, strideH - 1)),
        outW: outSize(inW, kW, strideW, padLeft + size(0, 2), dilW, size(0, strideW - 1)),
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
        activation: ([0, 1, 2, 3, 6] as const)[seed % 5] as UnaryCode,
        alpha: -0.5,
        beta: 0.75,
        parts: [1, 2, 3, 5],
      });
      on.checkFences();
    }
  });
});
