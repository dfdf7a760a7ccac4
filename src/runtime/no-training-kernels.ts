/** `#training-kernels` of browser entries other than lanewise/train. */
export function trainingModule(): WebAssembly.Module | undefined {
  return undefined;
}
