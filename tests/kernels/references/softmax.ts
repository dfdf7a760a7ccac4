export function softmax(values: number[], log: boolean): number[] {
  const max = values.reduce((m, v) => Math.max(m, v), -Infinity);
  const exps = values.map((v) => Math.exp(v - max));
  const sum = exps.reduce((total, v) => total + v, 0);
  return log ? values.map((v) => v - max - Math.log(sum)) : exps.map((e) => e / sum);
}
