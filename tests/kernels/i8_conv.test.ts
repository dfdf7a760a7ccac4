import { describe, test } from "vitest";
import { i8ConvScratchBytes, i8DepthwiseScratchBytes } from "../../src/kernels/contract.ts";
import { outputBytes, placeBytes, readRows, wholes } from "./bytes.ts";
import { type Bench, BUILDS, bench, random } from "./harness.ts";
import { outSize, type Spatial, structOf } from "./references/conv.ts";
import { convSums, type Finish, finish, RANGE } from "./references/int8.ts";

interface Options {
  readonly kind?: Finish["kind"];
  readonly signed?: boolean;
  readonly bias?: boolean;
  readonly shift?: boolean;
  readonly parts?: readonly number[];
  /** Clamped closer than the type does, or left to the type's own range. */
  readonly clamp?: "tight" | "free";
}

interface Sizes {
  readonly batch?: number;
  readonly inH: number;
  readonly inW: number;
  readonly inC: number;
  readonly outC: number;
  readonly k: readonly [number, number];
  readonly stride?: number;
  readonly pad?: readonly [number, number, number, number];
  readonly dil?: number;
  readonly group?: number;
  readonly gap?: number;
}

function spatial(o: Sizes): Spatial {
  const { batch = 1, stride = 1, dil = 1, group = 1, gap = 0 } = o;
  const [top, left, bottom, right] = o.pad ?? [0, 0, 0, 0];
  return {
    batch,
    inH: o.inH,
    inW: o.inW,
    inC: o.inC,
    inStride: o.inC + gap,
    outH: outSize(o.inH, o.k[0], stride, top + bottom, dil),
    outW: outSize(o.inW, o.k[1], stride, left + right, dil),
    outC: o.outC,
    outStride: o.outC + gap,
    kH: o.k[0],
    kW: o.k[1],
    strideH: stride,
    strideW: stride,
    padTop: top,
    padLeft: left,
    dilH: dil,
    dilW: dil,
    group,
  };
}

const even = (count: number): number => count + (count & 1);

/** `[group][ceil(n/8)][K/2][8][2]` with K = [kH*kW][inC/group]. */
function packConv(s: Spatial, w: readonly number[]): Int16Array {
  const [inC, outC, taps] = [s.inC / s.group, s.outC / s.group, s.kH * s.kW];
  const panel = even(taps * inC) * 8;
  const words = new Int16Array(s.group * Math.ceil(outC / 8) * panel);
  w.forEach((value, i) => {
    const [oc, c, tap] = [Math.floor(i / taps / inC), Math.floor(i / taps) % inC, i % taps];
    const [g, column, k] = [Math.floor(oc / outC), oc % outC, tap * inC + c];
    const at = (g * Math.ceil(outC / 8) + (column >> 3)) * panel;
    words[at + (k >> 1) * 16 + (column & 7) * 2 + (k & 1)] = value;
  });
  return words;
}

/** `[ceil(C/8)][kH][ceil(kW/2)][8][2]`. */
function packDepthwise(s: Spatial, w: readonly number[]): Int16Array {
  const pairs = Math.ceil(s.kW / 2);
  const words = new Int16Array(Math.ceil(s.inC / 8) * s.kH * pairs * 16);
  w.forEach((value, i) => {
    const [c, ky, kx] = [Math.floor(i / s.kW / s.kH), Math.floor(i / s.kW) % s.kH, i % s.kW];
    words[(((c >> 3) * s.kH + ky) * pairs + (kx >> 1)) * 16 + (c & 7) * 2 + (kx & 1)] = value;
  });
  return words;
}

const convScratch = (s: Spatial): number => i8ConvScratchBytes((s.kH * s.kW * s.inC) / s.group);

function bounds(kind: Finish["kind"], zero: number, clamp: Options["clamp"]): [number, number] {
  if (kind <= 1) return clamp === "tight" ? [-3, 5] : [-Infinity, Infinity];
  if (clamp === "free") return [-Infinity, Infinity];
  const [min, max] = RANGE[kind as 2 | 3];
  return clamp === "tight" ? [Math.max(0, min - zero), Math.min(20.5, max - zero)] : [min - zero, max - zero];
}

/** Runs the kernel on all parts, each count of parts to an output of its own, against the sums counted one by one. */
function check(
  on: Bench,
  kernel: "i8_conv" | "i8_dwconv",
  sizes: Sizes,
  seed: number,
  o: Options = {},
): void {
  const s = spatial(sizes);
  const { kind = 2, signed = true, parts = [1] } = o;
  const where = `${kernel} ${JSON.stringify(sizes)} ${JSON.stringify(o)} seed=${seed}`;
  const next = random(seed);
  const [min, max] = signed ? [-128, 127] : [0, 255];
  const pixels = s.batch * s.outH * s.outW;
  const x = wholes((s.batch * s.inH * s.inW - 1) * s.inStride + s.inC, next, min, max);
  const xZero = wholes(1, next, min, max)[0] as number;
  const w = wholes((s.outC * s.inC * s.kH * s.kW) / s.group, next, -255, 255);
  const bias = o.bias ? Int32Array.from(wholes(s.outC, next, -9999, 9999)) : undefined;
  const shift = o.shift ? Float32Array.from({ length: s.outC }, next) : undefined;
  const [low0, high0] = kind === 3 ? [0, 255] : [-128, 127];
  const zero = wholes(1, next, low0, high0)[0] as number;
  const [low, high] = bounds(kind, zero, o.clamp);
  const size = 4e-5 / Math.sqrt((s.kH * s.kW * s.inC) / s.group);
  const scale = Float32Array.from(
    { length: s.outC },
    () => (next() + 1.5) * size * (kind === 1 ? 0.01 : 100),
  );
  const f: Finish = { kind, scale, multiplier: kind === 1 ? 3.75 : 1, shift, zero, low, high };
  const want = convSums(s, x, xZero, w, bias).map((sum, i) => finish(sum, i % s.outC, f));
  const weights = kernel === "i8_conv" ? packConv(s, w) : packDepthwise(s, w);
  const scratch = kernel === "i8_conv" ? convScratch(s) : i8DepthwiseScratchBytes(s);
  const places = [
    on.i32(structOf(s)),
    placeBytes(on, x),
    signed ? 1 : 0,
    placeBytes(on, [xZero]),
    on.i32(new Int32Array(weights.buffer)),
    bias ? on.i32(bias) : 0,
    on.f32(scale),
    kind === 1 ? on.f32([f.multiplier]) : 0,
    shift ? on.f32(shift) : 0,
  ] as const;
  const count = (pixels - 1) * s.outStride + s.outC;
  for (const all of parts) {
    const y = kind <= 1 ? on.output(count) : outputBytes(on, count);
    const room = on.output(Math.ceil((scratch * all) / 4));
    for (let part = all - 1; part >= 0; part--)
      on.kernel(kernel)(...places, y, kind, zero, low, high, room, part, all);
    const got =
      kind > 1
        ? readRows(on, y, pixels, s.outC, s.outStride, kind === 2)
        : Array.from(kind === 1 ? on.read(y, count) : on.readI32(y, count)).filter(
            (_, i) => i % s.outStride < s.outC,
          );
    const at = got.findIndex((value, i) => value !== want[i]);
    if (got.length !== want.length || at >= 0)
      throw new Error(`${where} parts=${all}: element ${at} is ${got[at]}, not ${want[at]}`);
  }
  on.checkFences();
}

describe.each(BUILDS)("%s", (build) => {
  const product = (m: number, k: number, n: number): Sizes => ({
    inH: 1,
    inW: m,
    inC: k,
    outC: n,
    k: [1, 1],
  });

  test("i8_conv: every size around the tile", () => {
    const on = bench(build);
    for (let m = 1; m <= 11; m++)
      for (let n = 1; n <= 17; n++) check(on, "i8_conv", product(m, 5, n), m * 31 + n);
    for (let k = 0; k <= 20; k++) check(on, "i8_conv", product(7, k, 9), k, { bias: true });
  });

  test("i8_conv: blocks, parts and pixel strides", () => {
    const on = bench(build);
    const parts = [1, 2, 3, 5];
    for (const [m, k, n] of [
      [121, 16, 24],
      [250, 960, 16],
      [3, 70, 65],
      [1, 64, 50],
      [2, 33, 9],
    ] as const)
      check(on, "i8_conv", { ...product(m, k, n), gap: 3 }, m, { bias: true, parts });
  });

  test("i8_conv: kernels, strides, pads, dilations, groups", () => {
    const on = bench(build);
    const parts = [1, 3];
    const base = { inH: 9, inW: 8, inC: 6, outC: 10, batch: 2 };
    check(on, "i8_conv", { ...base, k: [3, 3], pad: [1, 1, 1, 1] }, 1, { parts });
    check(on, "i8_conv", { ...base, k: [3, 3], stride: 2, pad: [0, 0, 1, 1] }, 2, { parts, signed: false });
    check(on, "i8_conv", { ...base, k: [5, 2], pad: [2, 1, 2, 0], gap: 2 }, 3, { parts });
    check(on, "i8_conv", { ...base, k: [3, 3], dil: 2, pad: [2, 2, 2, 2] }, 4, { parts, bias: true });
    check(on, "i8_conv", { ...base, k: [3, 3], group: 2, pad: [1, 1, 1, 1] }, 5, { parts });
    check(on, "i8_conv", { ...base, inC: 3, outC: 9, group: 3, k: [3, 1], gap: 1 }, 6, { parts });
    check(on, "i8_conv", { ...base, k: [1, 1], stride: 2 }, 7, { parts });
    check(on, "i8_conv", { ...base, inC: 1, k: [7, 7], pad: [3, 3, 3, 3] }, 8, { parts });
  });

  test.each(["i8_conv", "i8_dwconv"] as const)("%s: outputs of every kind", (kernel) => {
    const on = bench(build);
    const group = kernel === "i8_conv" ? 1 : 11;
    for (const kind of [0, 1, 2, 3] as const)
      for (const clamp of [undefined, "tight", "free"] as const)
        for (const signed of [true, false]) {
          const o = { kind, signed, bias: true, shift: kind === 1 && signed, ...(clamp && { clamp }) };
          const sizes = {
            inH: 6,
            inW: 7,
            inC: 11,
            outC: 11,
            group,
            k: [3, 3],
            pad: [1, 1, 1, 1],
            gap: 2,
          } as const;
          check(on, kernel, sizes, kind * 7 + 1, o);
        }
  });

  test("i8_dwconv: every channel count and width", () => {
    const on = bench(build);
    for (let c = 1; c <= 17; c++)
      for (const stride of [1, 2])
        check(
          on,
          "i8_dwconv",
          { inH: 5, inW: 6, inC: c, outC: c, group: c, k: [3, 3], stride, pad: [1, 1, 1, 1] },
          c,
        );
    for (let inW = 1; inW <= 12; inW++)
      for (const stride of [1, 2, 3])
        check(
          on,
          "i8_dwconv",
          { inH: 4, inW, inC: 8, outC: 8, group: 8, k: [3, 3], stride, pad: [1, 1, 1, 1] },
          inW,
        );
  });

  test("i8_dwconv: kernels, pads, dilations, parts", () => {
    const on = bench(build);
    const base = { inH: 9, inW: 10, inC: 20, outC: 20, group: 20, batch: 2 };
    const o = { parts: [1, 2, 3, 7], bias: true };
    let seed = 100;
    for (const stride of [1, 2, 3])
      for (const pad of [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [2, 2, 2, 2],
        [0, 0, 1, 1],
        [2, 0, 0, 2],
      ] as const)
        check(on, "i8_dwconv", { ...base, k: [3, 3], stride, pad }, seed++, o);
    for (const k of [
      [1, 1],
      [5, 5],
      [3, 5],
      [5, 3],
      [7, 7],
      [2, 2],
      [1, 4],
    ] as const)
      for (const stride of [1, 2])
        check(on, "i8_dwconv", { ...base, k, stride, pad: [2, 2, 2, 2] }, seed++, o);
    check(on, "i8_dwconv", { ...base, k: [3, 3], dil: 2, pad: [2, 2, 2, 2] }, seed++, o);
    check(on, "i8_dwconv", { ...base, k: [3, 3], dil: 3, stride: 2, pad: [3, 3, 3, 3], gap: 5 }, seed++, o);
    check(on, "i8_dwconv", { ...base, inH: 1, inW: 1, k: [3, 3], pad: [1, 1, 1, 1] }, seed++, o);
  });
});
