/** A kernel build, embedded by the bundler. */
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** What scripts/build-kernels.mjs has made text of. */
declare module "*.txt" {
  const text: string;
  export default text;
}
