import { describe, expect, test } from "vitest";
import { BUILDS, bench, randoms } from "./harness.ts";
import { gru, lstm } from "./references/recurrent.ts";

const TOLERANCE = 1e-6; // for states within [-1, 1]
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 33, 124, 127, 128];

function near(actual: ArrayLike<number>, wanted: number[], label: string): void {
  wanted.forEach((w, i) => {
    if (Math.abs((actual[i] as number) - w) <= TOLERANCE || Object.is(actual[i], w)) return;
    expect.fail(`${label} at ${i}: ${actual[i]}, expected ${w}`);
  });
}

describe.each(BUILDS)("%s", (build) => {
  test.each([false, true])("f32_lstm_gates, peephole %s", (peeping) => {
    for (const size of SIZES) {
      for (const batch of [1, 3]) {
        const gates = randoms(batch * 4 * size, size).map((v) => v * 5);
        const peephole = randoms(3 * size, 1);
        const cell = randoms(batch * size, 2);
        const results = [1, 2, 3].map((parts) => {
          const b = bench(build, 4);
          const [pg, pp, pc] = [b.f32(gates), peeping ? b.f32(peephole) : 0, b.f32(cell)];
          const ph = b.output(batch * size);
          for (let part = 0; part < parts; part++) {
            b.kernel("f32_lstm_gates")(pg, pp, pc, ph, batch, size, part, parts);
          }
          b.checkFences();
          return { cell: b.read(pc, batch * size), hidden: b.read(ph, batch * size) };
        });
        expect(results[1]).toEqual(results[0]);
        expect(results[2]).toEqual(results[0]);
        const wanted = lstm(gates, peeping ? peephole : undefined, cell, batch, size);
        near(results[0]?.cell ?? [], wanted.cell, `cell, size ${size}`);
        near(results[0]?.hidden ?? [], wanted.hidden, `hidden, size ${size}`);
      }
    }
  });

  test("f32_gru_gates: whole, and in two halves", () => {
    for (const size of SIZES) {
      for (const batch of [1, 3]) {
        const [xGates, hGates] = [randoms(batch * 3 * size, 1), randoms(batch * 3 * size, 2)].map((g) =>
          g.map((v) => v * 5),
        );
        const hidden = randoms(batch * size, 3);
        const wanted = gru(xGates as Float32Array, hGates as Float32Array, hidden, batch, size);
        const results = [1, 2, 3].map((parts) => {
          const b = bench(build, 4);
          const [px, ph, ps] = [b.f32(xGates as Float32Array), b.f32(hGates as Float32Array), b.f32(hidden)];
          for (let part = 0; part < parts; part++)
            b.kernel("f32_gru_gates")(px, ph, ps, batch, size, 1, part, parts);
          b.checkFences();
          return b.read(ps, batch * size);
        });
        expect(results[1]).toEqual(results[0]);
        expect(results[2]).toEqual(results[0]);
        near(results[0] ?? [], wanted.hidden, `hidden, size ${size}`);

        const b = bench(build, 4);
        const [px, ph, ps] = [b.f32(xGates as Float32Array), b.f32(hGates as Float32Array), b.f32(hidden)];
        for (let part = 0; part < 2; part++) b.kernel("f32_gru_gates")(px, ph, ps, batch, size, 0, part, 2);
        const first = b.read(px, batch * 3 * size);
        const slice = (index: number): number[] =>
          Array.from({ length: batch * size }, (_, i) => {
            return first[Math.floor(i / size) * 3 * size + index * size + (i % size)] as number;
          });
        near(slice(0), wanted.z, `z, size ${size}`);
        near(slice(1), wanted.reset, `reset, size ${size}`);
        expect(b.read(ps, batch * size), "the first half leaves the state alone").toEqual(hidden);
        for (let part = 0; part < 2; part++) b.kernel("f32_gru_gates")(px, ph, ps, batch, size, -1, part, 2);
        b.checkFences();
        const candidate = (i: number): number => {
          const at = Math.floor(i / size) * 3 * size + 2 * size + (i % size);
          return Math.tanh(
            ((xGates as Float32Array)[at] as number) + ((hGates as Float32Array)[at] as number),
          );
        };
        const late = wanted.z.map((z, i) => (1 - z) * candidate(i) + z * (hidden[i] as number));
        near(b.read(ps, batch * size), late, `hidden after two halves, size ${size}`);
      }
    }
  });

  test("saturated gates and NaN", () => {
    const b = bench(build, 4);
    const [cell, hidden] = [b.f32([0.5, 0.5, 0.5]), b.output(3)];
    const [inf, nan] = [Infinity, Number.NaN];
    const gates = [-inf, inf, nan, inf, inf, 0, inf, -inf, 0, inf, inf, 0]; // i, o, f, c of three elements
    b.kernel("f32_lstm_gates")(b.f32(gates), 0, cell, hidden, 1, 3, 0, 1);
    expect(Array.from(b.read(cell, 3))).toEqual([0.5, 1, nan]);
    near(b.read(hidden, 3), [Math.tanh(0.5), Math.tanh(1), nan], "hidden");
    const state = b.f32([0.25, 0.25, 0.25]);
    const x = b.f32([inf, -inf, nan, 0, 0, 0, 1, inf, 0]); // z, r, h
    b.kernel("f32_gru_gates")(x, b.f32(new Array(9).fill(0)), state, 1, 3, 1, 0, 1);
    expect(Array.from(b.read(state, 3))).toEqual([0.25, 1, nan]);
    b.checkFences();
  });
});
