import { describe, expect, test } from "vitest";
import { packedWinogradElements, packWinogradWeights } from "../../../src/kernels/conv/winograd-packing.ts";
import { BUILDS, bench, randoms } from "../harness.ts";
import { onEveryShare } from "./shares.ts";

/** Relative to the largest weight, 1: three products each way. */
const TOLERANCE = 1e-6;

describe.each(BUILDS)("f32_winograd_weights, %s", (build) => {
  test.each([0, 1])("as the host transforms them, turned %i", (turned) => {
    const on = bench(build, 256);
    for (let o = 1; o <= 17; o++) {
      for (const i of [1, 3, 8, 11]) {
        const w = randoms(o * i * 9, o * 20 + i);
        const [outC, inC] = turned ? [i, o] : [o, i];
        const weights = new Float32Array(w.length);
        for (let at = 0; at < w.length; at++) {
          const [first, second, tap] = [Math.floor(at / 9 / i), Math.floor(at / 9) % i, at % 9];
          weights[turned ? (second * o + first) * 9 + 8 - tap : at] = w[at] as number;
        }
        const wanted = new Float32Array(packedWinogradElements(outC, inC));
        packWinogradWeights({ dtype: "float32", dims: [outC, inC, 3, 3], data: weights }, wanted);
        const wAt = on.f32(w);
        const [packed] = onEveryShare(on, [wanted.length], (call, [to]) => {
          call("f32_winograd_weights", wAt, to as number, outC, inC, turned);
        });
        packed?.forEach((value, at) => {
          if (!(Math.abs(value - (wanted[at] as number)) <= TOLERANCE))
            expect.fail(`${o}x${i} turned ${turned}: [${at}] = ${value}, not ${wanted[at]}`);
        });
      }
    }
  });
});
