import { describe, expect, test } from "vitest";
import { coefficientsScratchBytes, momentsScratchBytes } from "../../../src/kernels/contract.ts";
import { BUILDS, bench, randoms } from "../harness.ts";
import { onEveryShare } from "./shares.ts";

const TOLERANCE = 1e-5;
const SHAPES = [
  ...Array.from({ length: 33 }, (_, i) => ({
    rows: 1 + ((i * 7) % 20),
    channels: i + 1,
    gap: i % 3,
    chunks: 1,
  })),
  { rows: 300, channels: 6, gap: 0, chunks: 3 },
  { rows: 700, channels: 20, gap: 2, chunks: 16 },
  { rows: 5, channels: 3, gap: 0, chunks: 7 },
];

function near(actual: number, wanted: number, where: string, size = Math.max(1, Math.abs(wanted))): void {
  expect(Math.abs(actual - wanted), `${where}: ${actual}, not ${wanted}`).toBeLessThan(TOLERANCE * size);
}

describe.each(BUILDS)("batch normalisation in training, %s", (build) => {
  test.each([0, 30])("statistics of values around %d", (centre) => {
    const on = bench(build, 256);
    for (const { rows, channels, gap, chunks } of SHAPES) {
      const ldx = channels + gap;
      const x = randoms(rows * ldx, rows).map((value) => value + centre);
      const vectors = [1, 2, 3, 4].map((seed) => randoms(channels, seed));
      const xAt = on.f32(x);
      const places = vectors.map((values) => on.f32(values)) as [number, number, number, number];
      const results = onEveryShare(on, Array(6).fill(channels), (call, to) => {
        const partial = on.output((chunks * momentsScratchBytes(channels)) / 4);
        call("f32_channel_moments", xAt, ldx, rows, channels, chunks, partial);
        const outputs = to as [number, number, number, number, number, number];
        call("f32_batch_norm_finish", partial, rows, channels, chunks, ...places, 0.9, 1e-3, ...outputs);
      });
      const [scale, bias, oldMean, oldVar] = vectors as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      for (let c = 0; c < channels; c++) {
        const column = Array.from({ length: rows }, (_, row) => x[row * ldx + c] as number);
        const mean = column.reduce((a, b) => a + b, 0) / rows;
        const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
        const inverse = 1 / Math.sqrt(variance + 1e-3);
        const factor = (scale[c] as number) * inverse;
        const wanted = [
          ...[0.9 * (oldMean[c] as number) + 0.1 * mean, 0.9 * (oldVar[c] as number) + 0.1 * variance],
          ...[mean, inverse, factor, (bias[c] as number) - (mean - (results[2]?.[c] as number)) * factor],
        ];
        wanted.forEach((value, i) => {
          // What rounding leaves of the mean shows in the offset.
          const size = Math.max(1, Math.abs(i === 5 ? mean * factor : value));
          near(results[i]?.[c] as number, value, `${rows}x${channels} output ${i} channel ${c}`, size);
        });
      }
    }
  });

  test("gradients", () => {
    const on = bench(build, 256);
    for (const { rows, channels, gap, chunks } of SHAPES) {
      const [ldx, ldd] = [channels + gap, channels + 2 * gap];
      const [x, dy] = [randoms(rows * ldx, rows), randoms(rows * ldd, rows + 1)];
      const vectors = [randoms(channels, 1), randoms(channels, 2), randoms(channels, 3).map((v) => 1.5 + v)];
      const [scale, mean, inverse] = vectors as [Float32Array, Float32Array, Float32Array];
      const [xAt, dyAt, scaleAt, meanAt, inverseAt] = [x, dy, ...vectors].map((values) => on.f32(values)) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const [byScale, byBias, dx] = onEveryShare(on, [channels, channels, rows * channels], (call, to) => {
        const [toScale, toBias, toX] = to as [number, number, number];
        const partial = on.output((chunks * momentsScratchBytes(channels)) / 4);
        const coefficients = on.output(coefficientsScratchBytes(channels) / 4);
        const both = [xAt, ldx, dyAt, ldd] as const;
        call("f32_batch_norm_gradient_sums", ...both, rows, channels, chunks, meanAt, partial);
        const vectorsAt = [scaleAt, inverseAt, toScale, toBias, coefficients] as const;
        call("f32_batch_norm_gradient_finish", partial, rows, channels, chunks, ...vectorsAt);
        call("f32_batch_norm_gradient", ...both, toX, channels, rows, channels, meanAt, coefficients);
      });
      for (let c = 0; c < channels; c++) {
        const normal = (row: number) =>
          ((x[row * ldx + c] as number) - (mean[c] as number)) * (inverse[c] as number);
        let [sum, product] = [0, 0];
        for (let row = 0; row < rows; row++) {
          sum += dy[row * ldd + c] as number;
          product += (dy[row * ldd + c] as number) * normal(row);
        }
        near(byBias?.[c] as number, sum, `${rows}x${channels} bias ${c}`);
        near(byScale?.[c] as number, product, `${rows}x${channels} scale ${c}`);
        for (let row = 0; row < rows; row++) {
          const apart = (sum + normal(row) * product) / rows;
          const factor = (scale[c] as number) * (inverse[c] as number);
          const wanted = factor * ((dy[row * ldd + c] as number) - apart);
          near(dx?.[row * channels + c] as number, wanted, `${rows}x${channels} x ${row},${c}`);
        }
      }
    }
  });
});
