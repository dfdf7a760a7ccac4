const sum = (values: number[]): number => values.reduce((total, v) => total + v, 0);

export const reduce: Record<string, (values: number[]) => number> = {
  sum,
  mean: (values) => sum(values) / values.length,
  max: (values) => values.reduce((m, v) => Math.max(m, v), -Infinity),
  min: (values) => values.reduce((m, v) => Math.min(m, v), Infinity),
  prod: (values) => values.reduce((total, v) => total * v, 1),
  l1: (values) => sum(values.map(Math.abs)),
  l2: (values) => Math.sqrt(sum(values.map((v) => v * v))),
  sumSquare: (values) => sum(values.map((v) => v * v)),
  logSum: (values) => Math.log(sum(values)),
  logSumExp: (values) => {
    const max = values.reduce((m, v) => Math.max(m, v), -Infinity);
    if (Math.abs(max) === Infinity) return max;
    return max + Math.log(sum(values.map((v) => Math.exp(v - max))));
  },
};

/** [outer][count][inner]: the values that make up output element (o, i). */
export function column(x: Float32Array, count: number, inner: number, o: number, i: number): number[] {
  return Array.from({ length: count }, (_, k) => x[(o * count + k) * inner + i] as number);
}
