import type { Failing } from "../shared/axes.ts";

/** How a support vector machine compares a row with a vector. */
export type Kernel = (row: readonly number[], vectors: readonly number[], start: number) => number;

/** The kernel that kernel_type and kernel_params (gamma, coef0, degree) name. */
export function kernelOf(context: Failing, type: string, params: readonly number[]): Kernel {
  const [gamma = 0, coef0 = 0, degree = 0] = params;
  const dot: Kernel = (row, vectors, start) =>
    row.reduce((sum, value, i) => sum + value * (vectors[start + i] as number), 0);
  switch (type) {
    case "LINEAR":
      return dot;
    case "POLY":
      return (...args) => (gamma * dot(...args) + coef0) ** degree;
    case "SIGMOID":
      return (...args) => Math.tanh(gamma * dot(...args) + coef0);
    case "RBF":
      return (row, vectors, start) =>
        Math.exp(
          -gamma * row.reduce((sum, value, i) => sum + (value - (vectors[start + i] as number)) ** 2, 0),
        );
    default:
      return context.fail(`kernel_type ${JSON.stringify(type)} is not known`);
  }
}

/** Fails unless there are `count` support vectors as long as the row. */
export function checkVectors(
  context: Failing,
  row: readonly number[],
  count: number,
  vectors: readonly number[],
): void {
  if (count >= 0 && count * row.length <= vectors.length) return;
  context.fail(`${count} support vectors of ${row.length} features need more than ${vectors.length} numbers`);
}

/** Rounds that the coupling takes at most. */
const MAX_ROUNDS = 100;

/**
 * Class probabilities from those of each pair, r[i][j] ≈ P(i | i or j).
 * Wu, Lin and Weng, "Probability estimates for multi-class classification by pairwise coupling" (2004), algorithm 2.
 */
export function coupleProbabilities(r: readonly (readonly number[])[]): number[] {
  const count = r.length;
  const at = (i: number, j: number) => (r[i] as number[])[j] as number;
  const q = r.map((_, i) =>
    r.map((_, j) => {
      if (i !== j) return -at(j, i) * at(i, j);
      return r.reduce((sum, _, k) => (k === i ? sum : sum + at(k, i) ** 2), 0);
    }),
  );
  const p = r.map(() => 1 / count);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const qp = q.map((row) => row.reduce((sum, value, j) => sum + value * (p[j] as number), 0));
    let pqp = qp.reduce((sum, value, i) => sum + value * (p[i] as number), 0);
    const total = pqp;
    if (qp.every((value) => Math.abs(value - total) < 0.005 / count)) break;
    for (let i = 0; i < count; i++) {
      const row = q[i] as number[];
      const diff = (pqp - (qp[i] as number)) / (row[i] as number);
      p[i] = (p[i] as number) + diff;
      pqp = (pqp + diff * (diff * (row[i] as number) + 2 * (qp[i] as number))) / (1 + diff) ** 2;
      for (let j = 0; j < count; j++) {
        qp[j] = ((qp[j] as number) + diff * (row[j] as number)) / (1 + diff);
        p[j] = (p[j] as number) / (1 + diff);
      }
    }
  }
  return p;
}
