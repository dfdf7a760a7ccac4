/** row·coefficientsᵀ + intercepts for `count` rows of coefficients. */
export function linearScores(
  row: readonly number[],
  coefficients: readonly number[],
  intercepts: readonly number[],
  count: number,
): number[] {
  return Array.from({ length: count }, (_, target) => {
    let sum = intercepts[target] ?? 0;
    for (let i = 0; i < row.length; i++)
      sum += (row[i] as number) * (coefficients[target * row.length + i] as number);
    return sum;
  });
}
