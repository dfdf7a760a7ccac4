/** Mean and population variance of x[start … start + count). */
export function momentsOf(
  x: ArrayLike<number>,
  start: number,
  count: number,
): [mean: number, variance: number] {
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += x[i] as number;
  const mean = sum / count;
  let squares = 0;
  for (let i = start; i < start + count; i++) squares += ((x[i] as number) - mean) ** 2;
  return [mean, squares / count];
}
