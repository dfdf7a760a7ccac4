import { describe, test } from "vitest";
import { outputBytes, placeBytes, readRows, wholes } from "./bytes.ts";
import {
  type Bench,
  BUILDS,
  bench,
  type KernelName,
  type KernelNumbers,
  random,
  randoms,
} from "./harness.ts";
import { stridedWords } from "./references/binary.ts";
import { outSize, type Spatial, structOf } from "./references/conv.ts";
import { roundEven } from "./references/int8.ts";

const { fround } = Math;

function same(got: ArrayLike<number>, want: readonly number[], where: string): void {
  const at = want.findIndex((value, i) => !Object.is(value + 0, (got[i] as number) + 0));
  if (got.length !== want.length || at >= 0)
    throw new Error(`${where}: element ${at} of ${want.length} is ${got[at]}, not ${want[at]}`);
}

/** Runs a kernel on all parts, the last one first. */
function runParts<Name extends KernelName>(
  on: Bench,
  kernel: Name,
  parts: number,
  ...args: KernelNumbers<Name>
): void {
  for (let part = parts - 1; part >= 0; part--) on.kernel(kernel)(...args, part, parts);
}

const range = (signed: boolean): [number, number] => (signed ? [-128, 127] : [0, 255]);

/** Rows of float32 with gaps of canary between them. */
function strided(on: Bench, values: Float32Array, cols: number, ld: number): number {
  const rows = values.length / cols;
  const spread = new Float32Array(rows * ld - (ld - cols)).fill(Number.NaN);
  values.forEach((value, i) => {
    spread[Math.floor(i / cols) * ld + (i % cols)] = value;
  });
  return on.f32(spread);
}

const SIZES = [
  ...Array.from({ length: 34 }, (_, i) => [1, i + 1, 0] as const),
  ...([
    [1, 1000, 0],
    [3, 17, 2],
    [40, 5, 3],
    [9, 100, 1],
  ] as const),
];
const PARTS = [1, 2, 3];

describe.each(BUILDS)("%s", (build) => {
  test("f32_quantize and i8_dequantize", () => {
    const on = bench(build);
    for (const [rows, cols, gap] of SIZES)
      for (const signed of [true, false])
        for (const parts of PARTS) {
          const where = `${rows}x${cols}+${gap} signed=${signed} parts=${parts}`;
          const values = randoms(rows * cols, rows * cols).map((value) => value * 9);
          values[0] = 0.25; // half-way between two steps
          if (values.length > 3) values.set([Infinity, -Infinity, -0.25], 1);
          const [min, max] = range(signed);
          const [scale, zero] = [0.0625, signed ? 3 : 130];
          const ld = cols + gap;
          const x = strided(on, values, cols, ld);
          const y = outputBytes(on, rows * ld);
          const places = [on.f32([scale]), placeBytes(on, [zero])] as const;
          runParts(on, "f32_quantize", parts, x, ld, y, ld, rows, cols, signed ? 1 : 0, ...places);
          const quotient = (value: number): number => fround(value / scale);
          const cut = (value: number): number => Math.min(Math.max(value, min - zero), max - zero);
          const want = Array.from(values, (value) => roundEven(cut(quotient(value))) + zero);
          same(readRows(on, y, rows, cols, ld, signed), want, where);
          const back = on.output(rows * ld);
          runParts(on, "i8_dequantize", parts, y, ld, back, ld, rows, cols, signed ? 1 : 0, ...places);
          const got = on.read(back, (rows - 1) * ld + cols).filter((_, i) => i % ld < cols);
          same(
            got,
            want.map((value) => fround((value - zero) * scale)),
            where,
          );
        }
    on.checkFences();
  });

  test("f32_range and f32_quantize_dynamic", () => {
    const on = bench(build);
    for (const [rows, cols, gap] of SIZES)
      for (const [offset, factor] of [
        [0, 1],
        [3, 1],
        [-3, 1],
        [0, 0],
      ] as const)
        for (const parts of PARTS) {
          const where = `${rows}x${cols}+${gap} ${offset} ${factor} parts=${parts}`;
          const values = randoms(rows * cols, 7).map((value) => fround(value * factor + offset));
          const ld = cols + gap;
          const x = strided(on, values, cols, ld);
          const [y, partial, scaleAt] = [outputBytes(on, rows * ld), on.output(2 * parts), on.output(1)];
          const zeroAt = outputBytes(on, 1);
          runParts(on, "f32_range", parts, x, ld, rows, cols, partial);
          runParts(on, "f32_quantize_dynamic", parts, x, ld, y, ld, rows, cols, partial, scaleAt, zeroAt);
          const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
          const scale = low === high ? 1 : fround(fround(high - low) / 255);
          const zero = roundEven(Math.min(255, Math.max(0, fround(-fround(low / scale)))));
          same(on.read(scaleAt, 1), [scale], where);
          same(readRows(on, zeroAt, 1, 1, 1, false), [zero], where);
          const cut = (value: number): number => Math.min(Math.max(value, -zero), 255 - zero);
          const want = Array.from(values, (value) => roundEven(cut(fround(value / scale))) + zero);
          same(readRows(on, y, rows, cols, ld, false), want, where);
        }
    on.checkFences();
  });

  test("i8_add", () => {
    const on = bench(build);
    for (const [rows, cols, gap] of SIZES)
      for (let signs = 0; signs < 8; signs++) {
        const parts = (signs % 3) + 1;
        const where = `${rows}x${cols}+${gap} signs=${signs} parts=${parts}`;
        const next = random(signs + cols);
        const [aSigned, bSigned, ySigned] = [1, 2, 4].map((bit) => (signs & bit) !== 0) as [
          boolean,
          boolean,
          boolean,
        ];
        const ld = cols + gap;
        const a = wholes(rows * ld, next, ...range(aSigned));
        const b = wholes(rows * cols, next, ...range(bSigned));
        const [aZero, bZero, yZero] = [aSigned, bSigned, ySigned].map(
          (signed) => wholes(1, next, ...range(signed))[0] as number,
        ) as [number, number, number];
        const [aScale, bScale, yScale] = [0.05, 0.03, 0.07].map(fround) as [number, number, number];
        const [min, max] = range(ySigned);
        const [low, high] = [signs === 3 ? Math.max(0, min - yZero) : min - yZero, max - yZero];
        const y = outputBytes(on, rows * ld);
        const flag = (signed: boolean): number => (signed ? 1 : 0);
        runParts(
          on,
          "i8_add",
          parts,
          ...[placeBytes(on, a), ld, flag(aSigned), aZero, aScale],
          ...[placeBytes(on, b), cols, flag(bSigned), bZero, bScale],
          ...[y, ld, flag(ySigned), yZero, yScale, rows, cols, low, high],
        );
        const want = b.map((value, i) => {
          const left = a[Math.floor(i / cols) * ld + (i % cols)] as number;
          const sum = fround(fround((left - aZero) * aScale) + fround((value - bZero) * bScale));
          return roundEven(Math.min(Math.max(fround(sum / yScale), low), high)) + yZero;
        });
        same(readRows(on, y, rows, cols, ld, ySigned), want, where);
      }
    on.checkFences();
  });

  test("i8_max_pool", () => {
    const on = bench(build);
    for (const c of [1, 8, 15, 16, 17, 33])
      for (const [k, stride, pad, dil] of [
        [2, 2, 0, 1],
        [3, 1, 1, 1],
        [3, 2, 1, 1],
        [2, 1, 1, 2],
        [7, 7, 0, 1],
      ] as const)
        for (const signed of [true, false]) {
          const s: Spatial = {
            ...{ batch: 2, inH: 7, inW: 8, inC: c, inStride: c + 1, outC: c, outStride: c + 2 },
            ...{ outH: outSize(7, k, stride, 2 * pad, dil), outW: outSize(8, k, stride, 2 * pad, dil) },
            ...{ kH: k, kW: k, strideH: stride, strideW: stride, padTop: pad, padLeft: pad },
            ...{ dilH: dil, dilW: dil, group: 1 },
          };
          const x = wholes(2 * 7 * 8 * (c + 1), random(c), ...range(signed));
          const pixels = 2 * s.outH * s.outW;
          const y = outputBytes(on, pixels * s.outStride);
          runParts(on, "i8_max_pool", (c % 3) + 1, on.i32(structOf(s)), placeBytes(on, x), y, signed ? 1 : 0);
          const want = Array.from({ length: pixels * c }, (_, i) => {
            const [pixel, channel] = [Math.floor(i / c), i % c];
            const [n, oy, ox] = [
              Math.floor(pixel / s.outH / s.outW),
              Math.floor(pixel / s.outW) % s.outH,
              pixel % s.outW,
            ];
            let most = range(signed)[0];
            for (let tap = 0; tap < k * k; tap++) {
              const iy = oy * stride - pad + Math.floor(tap / k) * dil;
              const ix = ox * stride - pad + (tap % k) * dil;
              if (iy < 0 || iy >= 7 || ix < 0 || ix >= 8) continue;
              most = Math.max(most, x[((n * 7 + iy) * 8 + ix) * (c + 1) + channel] as number);
            }
            return most;
          });
          same(
            readRows(on, y, pixels, c, s.outStride, signed),
            want,
            `c=${c} k=${k} stride=${stride} ${signed}`,
          );
        }
    on.checkFences();
  });

  test("x8_transpose", () => {
    const on = bench(build);
    for (const rows of [1, 2, 3, 17])
      for (const cols of [1, 15, 16, 17, 40])
        for (const parts of PARTS) {
          const x = wholes(2 * rows * (cols + 3), random(rows * cols), -128, 127);
          const ldd = rows + 2;
          const y = outputBytes(on, 2 * cols * ldd);
          const strides = [2, rows * (cols + 3), cols * ldd] as const;
          runParts(on, "x8_transpose", parts, placeBytes(on, x), cols + 3, y, ldd, rows, cols, ...strides);
          const want = Array.from({ length: 2 * cols * rows }, (_, i) => {
            const [column, row] = [Math.floor(i / rows) % cols, i % rows];
            return x[Math.floor(i / rows / cols) * rows * (cols + 3) + row * (cols + 3) + column] as number;
          });
          same(readRows(on, y, 2 * cols, rows, ldd, true), want, `${rows}x${cols} parts=${parts}`);
        }
    on.checkFences();
  });

  test("x8_copy", () => {
    const on = bench(build);
    const dims = [1, 2, 3, 2, 3, 5];
    for (const inner of [1, 3])
      for (const parts of PARTS) {
        const x = wholes(180 * inner, random(inner), -128, 127);
        const strides = (order: readonly number[], first: number): number[] => {
          const result = new Array<number>(6).fill(0);
          let stride = first;
          for (const axis of order) {
            result[axis] = stride;
            stride *= dims[axis] as number;
          }
          return result;
        };
        const from = strides([5, 3, 4, 1, 2, 0], inner);
        const to = strides([5, 4, 3, 2, 1, 0], 1);
        const shape = on.i32(stridedWords({ dims, a: from, b: [], y: to }));
        const y = outputBytes(on, 180);
        runParts(on, "x8_copy", parts, shape, placeBytes(on, x), y);
        const want = Array.from({ length: 180 }, (_, i) => {
          let rest = i;
          let at = 0;
          for (let axis = 5; axis >= 0; axis--) {
            at += (rest % (dims[axis] as number)) * (from[axis] as number);
            rest = Math.floor(rest / (dims[axis] as number));
          }
          return x[at] as number;
        });
        same(readRows(on, y, 1, 180, 180, true), want, `inner=${inner} parts=${parts}`);
      }
    on.checkFences();
  });
});
