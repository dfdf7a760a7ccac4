import { describe, expect, test } from "vitest";
import { gemmScratchBytes, type UnaryCode } from "../../src/kernels/contract.ts";
import { type Bench, BUILDS, bench, random, randoms } from "./harness.ts";
import { checkClose } from "./references/close.ts";
import { gemm, packB } from "./references/gemm.ts";

/** Rounding error of a sum of k products, relative to the sum of their magnitudes. */
const tolerance = (k: number): number => (k + 8) * 2 ** -24;
/** Floats for each part, whatever the columns. */
const SCRATCH = gemmScratchBytes(1) / 4;
const CANARY = 0x7fc0dead;

interface Options {
  lda?: number;
  ldc?: number;
  ldr?: number;
  bias?: boolean;
  residual?: boolean;
  activation?: UnaryCode;
  alpha?: number;
  beta?: number;
  parts?: number[];
}

/** Runs one size for every number of parts; checks the values, the gaps between rows, the fences and the parts. */
function check(on: Bench, m: number, n: number, k: number, seed: number, o: Options = {}): void {
  const { lda = k, ldc = n, ldr = n, activation = 0, alpha = 0, beta = 0 } = o;
  const where = `m=${m} n=${n} k=${k} seed=${seed} ${JSON.stringify(o)}`;
  const a = randoms(Math.max(0, (m - 1) * lda + k), seed);
  const b = randoms(k * n, seed + 1);
  const bias = o.bias ? randoms(n, seed + 2) : undefined;
  const residual = o.residual ? randoms(Math.max(0, (m - 1) * ldr + n), seed + 3) : undefined;
  const want = gemm({ m, n, k, lda, a, b, bias, residual, ldr, activation, alpha, beta });
  const [aAt, bAt] = [on.f32(a), on.f32(packB(b, k, n))];
  const [biasAt, residualAt] = [bias ? on.f32(bias) : 0, residual ? on.f32(residual) : 0];
  let first: Int32Array | undefined;
  for (const parts of o.parts ?? [1]) {
    const count = Math.max(0, (m - 1) * ldc + n);
    const c = on.output(count);
    const scratch = on.output(SCRATCH * parts);
    for (let part = parts - 1; part >= 0; part--) {
      on.kernel("f32_gemm")(
        aAt,
        lda,
        bAt,
        c,
        ldc,
        m,
        n,
        k,
        biasAt,
        residualAt,
        ldr,
        activation,
        alpha,
        beta,
        scratch,
        part,
        parts,
      );
    }
    const got = on.read(c, count);
    const bits = on.readI32(c, count);
    const dense = new Float32Array(m * n);
    for (let i = 0; i < count; i++) {
      const [row, column] = [Math.floor(i / ldc), i % ldc];
      if (column < n) dense[row * n + column] = got[i] as number;
      else if (bits[i] !== CANARY) throw new Error(`${where}: wrote the gap behind row ${row}`);
    }
    checkClose(dense, want, tolerance(k), where);
    first ??= bits;
    if (!bits.every((value, i) => value === (first as Int32Array)[i]))
      throw new Error(`${where}: parts=${parts}`);
  }
}

describe.each(BUILDS)("f32_gemm, %s", (build) => {
  test("every size up to two tiles and beyond", () => {
    for (const k of [0, 1, 2, 3, 5, 17]) {
      const on = bench(build, 512);
      for (let m = 0; m <= 13; m++) {
        for (let n = 0; n <= 17; n++)
          check(on, m, n, k, 7 * m + 31 * n + k, { bias: n % 2 === 0, residual: m % 2 === 0 });
      }
      on.checkFences();
    }
  });

  test("wide and tall: row blocks, vectors, parts", () => {
    const on = bench(build);
    for (const [m, n, k] of [
      [1, 31, 40],
      [1, 32, 9],
      [1, 77, 33],
      [2, 80, 20],
      [3, 131, 65],
      [121, 9, 30],
      [250, 12, 7],
      [49, 72, 129],
      [260, 24, 1100],
      [7, 200, 50],
    ] as const) {
      check(on, m, n, k, m + n + k, { bias: true, residual: true, parts: [1, 2, 3, 7] });
      check(on, m, n, k, m + n + k, {
        bias: true,
        lda: k + 3,
        ldc: n + 5,
        ldr: n + 1,
        residual: true,
        parts: [1, 2, 3],
      });
    }
    on.checkFences();
  });

  test("activations", () => {
    const on = bench(build);
    for (const [activation, alpha, beta] of [
      [1, 0, 0],
      [2, -0.5, 0.25],
      [3, 0.1, 0],
      [6, 0, 0],
    ] as const) {
      for (const n of [5, 8, 33]) {
        for (const m of [1, 4, 130]) {
          check(on, m, n, 21, n, {
            activation,
            alpha,
            beta,
            bias: true,
            ldc: n + 3,
            residual: true,
            parts: [1, 2, 3],
          });
        }
      }
    }
    on.checkFences();
  });

  test("the residual may be the output", () => {
    const on = bench(build);
    const [m, n, k] = [13, 19, 11];
    const [a, b, residual] = [randoms(m * k, 1), randoms(k * n, 2), randoms(m * n, 3)];
    const c = on.f32(residual);
    on.kernel("f32_gemm")(
      on.f32(a),
      k,
      on.f32(packB(b, k, n)),
      c,
      n,
      m,
      n,
      k,
      0,
      c,
      n,
      1,
      0,
      0,
      on.output(SCRATCH),
      0,
      1,
    );
    checkClose(
      on.read(c, m * n),
      gemm({ m, n, k, lda: k, a, b, residual, activation: 1 }),
      tolerance(k),
      "in place",
    );
    on.checkFences();
  });

  test("NaN, infinities and signed zeros stay in their row", () => {
    const on = bench(build);
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
    const [n, k] = [11, 9];
    const m = special.length + 2;
    const a = randoms(m * k, 5);
    special.forEach((value, row) => {
      a.fill(value, row * k, (row + 1) * k);
    });
    const b = randoms(k * n, 6).map(Math.abs);
    for (const activation of [0, 1, 2] as const) {
      const c = on.output(m * n);
      on.kernel("f32_gemm")(
        on.f32(a),
        k,
        on.f32(packB(b, k, n)),
        c,
        n,
        m,
        n,
        k,
        0,
        0,
        0,
        activation,
        -1,
        3,
        on.output(SCRATCH),
        0,
        1,
      );
      checkClose(
        on.read(c, m * n),
        gemm({ m, n, k, lda: k, a, b, activation, alpha: -1, beta: 3 }),
        tolerance(k),
        "special",
      );
    }
    on.checkFences();
  });
});

describe.each(BUILDS)("f32_gemm_batch, %s", (build) => {
  test("own, shared and strided operands", () => {
    const on = bench(build);
    const next = random(11);
    for (let round = 0; round < 40; round++) {
      const size = (most: number): number => 1 + Math.floor(Math.abs(next()) * most);
      const [batch, m, n, k] = [size(9), size(14), size(20), size(12)];
      const strideA = round % 3 === 0 ? 0 : m * k + 2;
      const packedSize = Math.ceil(n / 8) * k * 8;
      const strideB = round % 4 === 0 ? 0 : packedSize;
      const strideC = m * n + 1;
      const a = randoms(strideA * (batch - 1) + m * k, round);
      const dense = Array.from({ length: strideB === 0 ? 1 : batch }, (_, i) =>
        randoms(k * n, 100 * round + i),
      );
      const b = Float32Array.from(dense.flatMap((matrix) => [...packB(matrix, k, n)]));
      const [bias, residual] = [randoms(n, round + 1), randoms(strideC * batch, round + 2)];
      const pointers = [on.f32(a), on.f32(b), on.f32(bias), on.f32(residual)] as const;
      let first: Int32Array | undefined;
      for (const parts of [1, 2, 3]) {
        const c = on.output(strideC * batch);
        const scratch = on.output(SCRATCH * parts);
        for (let part = 0; part < parts; part++) {
          on.kernel("f32_gemm_batch")(
            batch,
            strideA,
            strideB,
            strideC,
            pointers[0],
            k,
            pointers[1],
            c,
            n,
            m,
            n,
            k,
            pointers[2],
            pointers[3],
            n,
            1,
            0,
            0,
            scratch,
            part,
            parts,
          );
        }
        for (let i = 0; i < batch; i++) {
          const want = gemm({
            m,
            n,
            k,
            lda: k,
            a: a.subarray(i * strideA),
            b: dense[strideB === 0 ? 0 : i] as Float32Array,
            bias,
            residual: residual.subarray(i * strideC),
            activation: 1,
          });
          checkClose(on.read(c + i * strideC * 4, m * n), want, tolerance(k), `batch ${round}/${i}`);
        }
        const bits = on.readI32(c, strideC * batch);
        first ??= bits;
        expect(bits).toEqual(first);
      }
    }
    on.checkFences();
  });
});

describe.each(BUILDS)("f32_pack_b, %s", (build) => {
  test("both orders, every tail", () => {
    const on = bench(build);
    for (let k = 1; k <= 9; k++) {
      for (let n = 1; n <= 17; n++) {
        for (const transposed of [0, 1]) {
          const batch = 3;
          const ldb = (transposed ? k : n) + 2;
          const strideB = ldb * (transposed ? n : k) + 1;
          const b = randoms(strideB * batch, k * n);
          const size = Math.ceil(n / 8) * k * 8;
          const source = on.f32(b);
          for (const parts of [1, 2]) {
            const to = on.output(size * batch);
            for (let part = 0; part < parts; part++) {
              on.kernel("f32_pack_b")(source, ldb, transposed, strideB, to, k, n, batch, part, parts);
            }
            for (let i = 0; i < batch; i++) {
              const dense = new Float32Array(k * n);
              for (let p = 0; p < k; p++) {
                for (let j = 0; j < n; j++)
                  dense[p * n + j] = b[i * strideB + (transposed ? j * ldb + p : p * ldb + j)] as number;
              }
              expect(on.read(to + i * size * 4, size)).toEqual(packB(dense, k, n));
            }
          }
        }
      }
    }
    on.checkFences();
  });
});
