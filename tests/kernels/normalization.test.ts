import { describe, expect, test } from "vitest";
import { unaryCode } from "../../src/kernels/contract.ts";
import { type Bench, BUILDS, type Build, bench, randoms } from "./harness.ts";
import { lrn, standardised } from "./references/normalization.ts";

/** For results of order 1. */
const TOLERANCE = 4e-6;
const EPSILON = 1e-5;
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 31, 33, 124, 127, 128];

/**
 * Runs with 1, 2 and 3 parts into outputs of `rows` rows of ldy, which must agree; compares the first cols of each row.
 */
function check(
  build: Build,
  label: string,
  size: { rows: number; cols: number; ldy: number },
  call: (b: Bench) => (y: number, part: number, parts: number) => void,
  wanted: (row: number) => number[],
): void {
  const { rows, cols, ldy } = size;
  const b = bench(build, 16);
  const run = call(b);
  const outputs = [1, 2, 3].map((parts) => {
    const y = b.output(rows * ldy);
    for (let part = 0; part < parts; part++) run(y, part, parts);
    return b.readI32(y, rows * ldy);
  });
  b.checkFences();
  expect(outputs[1], label).toEqual(outputs[0]);
  expect(outputs[2], label).toEqual(outputs[0]);
  const bits = outputs[0] as Int32Array;
  const actual = new Float32Array(bits.buffer);
  for (let row = 0; row < rows; row++) {
    const expected = wanted(row);
    for (let col = 0; col < ldy; col++) {
      const at = row * ldy + col;
      if (col >= cols) expect(bits[at], label).toBe(0x7fc0dead);
      else if (!(Math.abs((actual[at] as number) - (expected[col] as number)) <= TOLERANCE)) {
        if (Object.is(actual[at], expected[col])) continue;
        expect.fail(`${label} at [${row}, ${col}]: ${actual[at]}, expected ${expected[col]}`);
      }
    }
  }
}

const rowOf = (x: Float32Array, row: number, ld: number, cols: number): number[] =>
  Array.from(x.subarray(row * ld, row * ld + cols));

describe.each(BUILDS)("%s", (build) => {
  test("f32_scale_shift", () => {
    for (const cols of SIZES) {
      const [rows, ldx, ldy] = [5, cols + 3, cols + 1];
      const [x, centre] = [randoms(rows * ldx, cols), randoms(cols, 3)];
      const [scale, shift] = [randoms(cols, 1), randoms(cols, 2)];
      for (const activation of ["identity", "relu"] as const) {
        const call = (b: Bench) => {
          const [px, pc, ps, pt] = [x, centre, scale, shift].map(b.f32) as [number, number, number, number];
          const tail = [rows, cols, unaryCode[activation], 0, 0] as const;
          return (y: number, part: number, parts: number) =>
            void b.kernel("f32_scale_shift")(px, ldx, pc, ps, pt, y, ldy, ...tail, part, parts);
        };
        check(build, `cols ${cols} ${activation}`, { rows, cols, ldy }, call, (row) =>
          rowOf(x, row, ldx, cols).map((v, c) => {
            const y = (v - (centre[c] as number)) * (scale[c] as number) + (shift[c] as number);
            return activation === "relu" ? Math.max(y, 0) : y;
          }),
        );
      }
    }
  });

  test("f32_scale_shift_rows", () => {
    for (const cols of SIZES) {
      const [rows, channels] = [6, 3];
      const [x, centre] = [randoms(rows * cols, cols), randoms(channels, 3)];
      const [scale, shift] = [randoms(channels, 1), randoms(channels, 2)];
      for (const activation of ["identity", "relu"] as const) {
        const call = (b: Bench) => {
          const [px, pc, ps, pt] = [x, centre, scale, shift].map(b.f32) as [number, number, number, number];
          const tail = [rows, cols, channels, unaryCode[activation], 0, 0] as const;
          return (y: number, part: number, parts: number) =>
            void b.kernel("f32_scale_shift_rows")(px, pc, ps, pt, y, ...tail, part, parts);
        };
        check(build, `cols ${cols} ${activation}`, { rows, cols, ldy: cols }, call, (row) =>
          rowOf(x, row, cols, cols).map((v) => {
            const y =
              (v - (centre[row % channels] as number)) * (scale[row % channels] as number) +
              (shift[row % channels] as number);
            return activation === "relu" ? Math.max(y, 0) : y;
          }),
        );
      }
    }
  });

  test.each([false, true])("f32_layer_norm, scale and shift %s", (affine) => {
    for (const cols of [...SIZES, 2000]) {
      const rows = 5;
      const x = randoms(rows * cols, cols).map((v) => v + 3);
      const [scale, shift] = [randoms(cols, 1), randoms(cols, 2)];
      const call = (b: Bench) => {
        const px = b.f32(x);
        const [ps, pt] = affine ? [b.f32(scale), b.f32(shift)] : [0, 0];
        return (y: number, part: number, parts: number) =>
          void b.kernel("f32_layer_norm")(px, ps, pt, y, rows, cols, EPSILON, part, parts);
      };
      check(build, `cols ${cols}`, { rows, cols, ldy: cols }, call, (row) =>
        standardised(rowOf(x, row, cols, cols), EPSILON).map((v, c) =>
          affine ? v * (scale[c] as number) + (shift[c] as number) : v,
        ),
      );
    }
  });

  test.each([false, true])("f32_instance_norm_rows, scale and shift %s", (affine) => {
    for (const cols of [...SIZES, 2000]) {
      const [rows, channels] = [6, 3];
      const x = randoms(rows * cols, cols).map((v) => v + 3);
      const [scale, shift] = [randoms(channels, 1), randoms(channels, 2)];
      const call = (b: Bench) => {
        const px = b.f32(x);
        const [ps, pt] = affine ? [b.f32(scale), b.f32(shift)] : [0, 0];
        return (y: number, part: number, parts: number) =>
          void b.kernel("f32_instance_norm_rows")(px, ps, pt, y, rows, cols, channels, EPSILON, part, parts);
      };
      const channel = (row: number): number => row % channels;
      check(build, `cols ${cols}`, { rows, cols, ldy: cols }, call, (row) =>
        standardised(rowOf(x, row, cols, cols), EPSILON).map((v) =>
          affine ? v * (scale[channel(row)] as number) + (shift[channel(row)] as number) : v,
        ),
      );
    }
  });

  test.each([false, true])("f32_instance_norm, scale and shift %s", (affine) => {
    for (const channels of SIZES) {
      for (const pixels of [1, 5, 130]) {
        const [batch, ldx, ldy] = [2, channels + 2, channels + 1];
        const x = randoms(batch * pixels * ldx, channels).map((v) => v + 3);
        const [scale, shift] = [randoms(channels, 1), randoms(channels, 2)];
        const call = (b: Bench) => {
          const px = b.f32(x);
          const [ps, pt] = affine ? [b.f32(scale), b.f32(shift)] : [0, 0];
          return (y: number, part: number, parts: number) => {
            const sizes = [batch, pixels, channels] as const;
            b.kernel("f32_instance_norm")(px, ldx, ps, pt, y, ldy, ...sizes, EPSILON, part, parts);
          };
        };
        const columns = Array.from({ length: batch * channels }, (_, i) => {
          const [n, c] = [Math.floor(i / channels), i % channels];
          return standardised(
            Array.from({ length: pixels }, (_, p) => x[(n * pixels + p) * ldx + c] as number),
            EPSILON,
          );
        });
        check(build, `channels ${channels}`, { rows: batch * pixels, cols: channels, ldy }, call, (row) => {
          const [n, p] = [Math.floor(row / pixels), row % pixels];
          return Array.from({ length: channels }, (_, c) => {
            const v = (columns[n * channels + c] as number[])[p] as number;
            return affine ? v * (scale[c] as number) + (shift[c] as number) : v;
          });
        });
      }
    }
  });

  test("f32_lrn: every channel count, window and exponent", () => {
    for (const channels of SIZES) {
      for (const [size, beta] of [
        [1, 0.75],
        [2, 0.5],
        [3, 0.75],
        [4, 0.6],
        [5, 0.75],
        [9, 1],
      ] as const) {
        const [rows, ldx, ldy] = [3, channels + 2, channels + 1];
        const x = randoms(rows * ldx, channels).map((v) => v * 3);
        const call = (b: Bench) => {
          const px = b.f32(x);
          return (y: number, part: number, parts: number) =>
            void b.kernel("f32_lrn")(px, ldx, y, ldy, rows, channels, size, 0.5, beta, 1.5, part, parts);
        };
        check(build, `channels ${channels} size ${size}`, { rows, cols: channels, ldy }, call, (row) =>
          lrn(rowOf(x, row, ldx, channels), size, 0.5, beta, 1.5),
        );
      }
    }
  });

  test("NaN stays in its row or channel", () => {
    const b = bench(build, 4);
    const x = randoms(3 * 9, 1);
    x[9 + 4] = Number.NaN;
    const [px, y, one, zero] = [
      b.f32(x),
      b.output(27),
      b.f32(new Float32Array(9).fill(1)),
      b.f32(new Float32Array(9)),
    ];
    const nan = (): number[] =>
      Array.from(b.read(y, 27).keys()).filter((i) => Number.isNaN(b.read(y, 27)[i]));
    const row = [9, 10, 11, 12, 13, 14, 15, 16, 17];
    b.kernel("f32_layer_norm")(px, 0, 0, y, 3, 9, EPSILON, 0, 1);
    expect(nan()).toEqual(row);
    b.kernel("f32_instance_norm_rows")(px, 0, 0, y, 3, 9, 3, EPSILON, 0, 1);
    expect(nan()).toEqual(row);
    b.kernel("f32_instance_norm")(px, 9, 0, 0, y, 9, 1, 3, 9, EPSILON, 0, 1);
    expect(nan()).toEqual([4, 13, 22]);
    b.kernel("f32_scale_shift")(px, 9, zero, one, zero, y, 9, 3, 9, unaryCode.relu, 0, 0, 0, 1);
    expect(nan()).toEqual([13]);
    b.kernel("f32_lrn")(px, 9, y, 9, 3, 9, 3, 0.5, 0.75, 1, 0, 1);
    expect(nan()).toEqual([12, 13, 14]);
    b.checkFences();
  });

  test("a mean of a thousand deviations costs three digits, no more", () => {
    const [rows, cols] = [3, 100];
    const x = randoms(rows * cols, 5).map((v) => 1000 + v);
    const b = bench(build, 16);
    const [px, y] = [b.f32(x), b.output(rows * cols)];
    const expectStandardised = (columnsAre: "rows" | "columns") => {
      const actual = b.read(y, rows * cols);
      const lines = columnsAre === "rows" ? rows : cols;
      for (let line = 0; line < lines; line++) {
        const at = (i: number) => (columnsAre === "rows" ? line * cols + i : i * cols + line);
        const places = Array.from({ length: (rows * cols) / lines }, (_, i) => at(i));
        const wanted = standardised(
          places.map((i) => x[i] as number),
          EPSILON,
        );
        for (const [i, place] of places.entries())
          expect(Math.abs((actual[place] as number) - (wanted[i] as number))).toBeLessThan(1000 * TOLERANCE);
      }
    };
    b.kernel("f32_layer_norm")(px, 0, 0, y, rows, cols, EPSILON, 0, 1);
    expectStandardised("rows");
    b.kernel("f32_instance_norm_rows")(px, 0, 0, y, rows, cols, 1, EPSILON, 0, 1);
    expectStandardised("rows");
    b.kernel("f32_instance_norm")(px, cols, 0, 0, y, cols, 1, rows, cols, EPSILON, 0, 1);
    expectStandardised("columns");
  });

  test("scaled and shifted values keep their digits where x is near the centre", () => {
    const n = 64;
    const b = bench(build, 16);
    const centre = randoms(n, 1).map((v) => 100 + v);
    const x = centre.map((v, i) => v + (i - n / 2) * 2 ** -16);
    const [scale, zero] = [new Float32Array(n).fill(3), new Float32Array(n)];
    const [px, pc, ps, pz] = [x, centre, scale, zero].map(b.f32) as [number, number, number, number];
    const y = b.output(n);
    const wanted = x.map((v, i) => (v - (centre[i] as number)) * 3);
    b.kernel("f32_scale_shift")(px, n, pc, ps, pz, y, n, 1, n, 0, 0, 0, 0, 1);
    expect(b.read(y, n)).toEqual(wanted);
    b.kernel("f32_scale_shift_rows")(px, pc, ps, pz, y, n, 1, n, 0, 0, 0, 0, 1);
    expect(b.read(y, n)).toEqual(wanted);
  });
});
