// The numbers that stand for many.

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

export const geometricMean = (values) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
