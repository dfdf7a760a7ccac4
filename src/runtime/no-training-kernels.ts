/** What the bundler puts in place of the training kernels in browser entries other than lanewise/train. */
export function trainingModule(): WebAssembly.Module | undefined {
  return undefined;
}
