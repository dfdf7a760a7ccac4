/** To mean 0 and variance 1. */
export function standardised(values: number[], epsilon: number): number[] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return values.map((v) => (v - mean) / Math.sqrt(variance + epsilon));
}

/** Local response normalisation of one pixel's channels, as ONNX's LRN. */
export function lrn(values: number[], size: number, alpha: number, beta: number, bias: number): number[] {
  return values.map((v, c) => {
    const first = Math.max(0, c - Math.floor((size - 1) / 2));
    const last = Math.min(values.length - 1, c + Math.ceil((size - 1) / 2));
    let squares = 0;
    for (let i = first; i <= last; i++) squares += (values[i] as number) ** 2;
    return v / (bias + (alpha / size) * squares) ** beta;
  });
}
