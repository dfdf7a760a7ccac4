import { describe, expect, test } from "vitest";
import { structWords } from "../../src/kernels/struct-words.ts";
import { BUILDS, bench, random } from "./harness.ts";
import { eachElement, extent, type Strided, stridedWords } from "./references/binary.ts";
import { type PadShape, pad } from "./references/copy.ts";

const CANARY = 0x7fc0dead;
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 124, 127, 128];

/** Bit patterns, signalling NaNs among them: nothing may change on the way. */
function words(count: number, seed: number): Int32Array {
  const next = random(seed);
  return Int32Array.from({ length: count }, (_, i) => (i % 5 === 0 ? 0x7f800001 + i : next() * 0x7fffffff));
}

const blank = (count: number): Int32Array => new Int32Array(count).fill(CANARY);

describe.each(BUILDS)("%s", (build) => {
  /** Runs with 1, 2 and 3 parts, each on its own output. */
  function outputs(
    count: number,
    call: (b: ReturnType<typeof bench>, y: number, part: number, parts: number) => void,
  ) {
    const b = bench(build, 16);
    return [1, 2, 3].map((parts) => {
      const y = b.output(count);
      for (let part = 0; part < parts; part++) call(b, y, part, parts);
      b.checkFences();
      return b.readI32(y, count);
    });
  }

  test("x32_copy: inner dims of every size, dense, gathered, scattered, transposed and repeated", () => {
    for (const n of SIZES) {
      const shapes: Strided[] = [
        { dims: [n], a: [1], b: [], y: [1] },
        { dims: [3, n], a: [n + 3, 1], b: [], y: [n + 1, 1] },
        { dims: [n], a: [2], b: [], y: [1] },
        { dims: [n], a: [1], b: [], y: [3] },
        { dims: [n], a: [0], b: [], y: [1] },
        { dims: [2, n, 5], a: [5 * n, 1, n], b: [], y: [5 * n, 5, 1] },
        { dims: [7, n], a: [1, 7], b: [], y: [n, 1] },
        { dims: [n, 9], a: [9, 1], b: [], y: [1, n] },
        { dims: [3, n, 2], a: [0, 1, 0], b: [], y: [2 * n, 2, 1] },
      ];
      for (const shape of shapes) {
        const x = words(extent(shape.dims, shape.a), n);
        const total = extent(shape.dims, shape.y);
        const wanted = blank(total);
        eachElement(shape, (from, _, to) => {
          wanted[to] = x[from] as number;
        });
        const results = outputs(total, (b, y, part, parts) => {
          b.kernel("x32_copy")(b.i32(stridedWords(shape)), b.i32(x), y, part, parts);
        });
        for (const result of results) expect(result, JSON.stringify(shape)).toEqual(wanted);
      }
    }
  });

  test("x32_copy: random permutations of up to six dims", () => {
    const next = random(5);
    for (let seed = 0; seed < 200; seed++) {
      const dims = Array.from(
        { length: 1 + Math.floor((next() + 1) * 3) },
        () => 1 + Math.floor((next() + 1) * 3),
      );
      const strides = (order: number[]): number[] => {
        const result = dims.map(() => 0);
        let step = 1;
        for (const dim of order) {
          result[dim] = step;
          step *= dims[dim] as number;
        }
        return result;
      };
      const order = dims.map((_, i) => i);
      const shuffled = order.map((i) => [next(), i] as const).sort((p, q) => p[0] - q[0]);
      const shape = { dims, a: strides(shuffled.map(([, i]) => i)), b: [], y: strides(order.toReversed()) };
      const x = words(extent(dims, shape.a), seed);
      const wanted = blank(x.length);
      eachElement(shape, (from, _, to) => {
        wanted[to] = x[from] as number;
      });
      const results = outputs(x.length, (b, y, part, parts) => {
        b.kernel("x32_copy")(b.i32(stridedWords(shape)), b.i32(x), y, part, parts);
      });
      for (const result of results) expect(result, JSON.stringify(shape)).toEqual(wanted);
    }
  });

  test("x32_fill: every size", () => {
    for (const n of SIZES) {
      const results = outputs(n, (b, y, part, parts) => b.kernel("x32_fill")(y, 0x7f800001, n, part, parts));
      for (const result of results) expect(result).toEqual(new Int32Array(n).fill(0x7f800001));
    }
  });

  test("x32_transpose: every size, strided, batched", () => {
    const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33];
    for (const rows of sizes) {
      for (const cols of sizes) {
        for (const [batch, gap] of [
          [1, 0],
          [1, 3],
          [4, 1],
        ] as const) {
          const [lds, ldd] = [cols + gap, rows + 2 * gap];
          const [strideSrc, strideDst] = [rows * lds + gap, cols * ldd + gap];
          const x = words(batch * strideSrc, rows * 64 + cols);
          const wanted = blank(batch * strideDst);
          for (let i = 0; i < batch; i++) {
            for (let r = 0; r < rows; r++) {
              for (let c = 0; c < cols; c++) {
                wanted[i * strideDst + c * ldd + r] = x[i * strideSrc + r * lds + c] as number;
              }
            }
          }
          const results = outputs(wanted.length, (b, y, part, parts) => {
            const args = [b.i32(x), lds, y, ldd, rows, cols, batch, strideSrc, strideDst] as const;
            b.kernel("x32_transpose")(...args, part, parts);
          });
          for (const result of results) expect(result, `${rows}x${cols} batch ${batch}`).toEqual(wanted);
        }
      }
    }
  });

  test.each([0, 1, 2, 3] as const)("x32_pad mode %i", (mode) => {
    const sizes = [
      { inH: 3, inW: 4, padTop: 1, padLeft: 2, outH: 6, outW: 7 },
      { inH: 1, inW: 2, padTop: 3, padLeft: 5, outH: 7, outW: 12 },
      { inH: 5, inW: 5, padTop: -1, padLeft: -2, outH: 3, outW: 4 },
      { inH: 4, inW: 3, padTop: -1, padLeft: 2, outH: 5, outW: 4 },
      { inH: 2, inW: 3, padTop: 4, padLeft: 6, outH: 2, outW: 3 },
      { inH: 2, inW: 3, padTop: 0, padLeft: -4, outH: 2, outW: 2 },
    ];
    for (const size of sizes) {
      for (const channels of [1, 2, 3, 4, 5, 7, 8, 9, 16, 17]) {
        for (const gap of [0, 1, 4]) {
          const shape: PadShape = {
            ...size,
            batch: 2,
            channels,
            inStride: channels + gap,
            outStride: channels + gap,
          };
          const x = words(2 * shape.inH * shape.inW * shape.inStride, channels);
          const wanted = blank(2 * shape.outH * shape.outW * shape.outStride);
          pad(shape, x, wanted, mode, 0x7fa00001);
          const struct = structWords("SpatialShape", {
            ...{ ...shape, inC: channels, outC: channels },
            ...{ kH: 1, kW: 1, strideH: 1, strideW: 1, dilH: 1, dilW: 1, group: 1 },
          });
          const results = outputs(wanted.length, (b, y, part, parts) => {
            const pointer = b.i32(struct);
            b.kernel("x32_pad")(pointer, b.i32(x), y, mode, 0x7fa00001, part, parts);
          });
          for (const result of results) expect(result, JSON.stringify(shape)).toEqual(wanted);
        }
      }
    }
  });
});
