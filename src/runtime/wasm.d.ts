/** A kernel build, embedded by the bundler. */
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** Both builds as text, made by scripts/embed-kernels.mjs. */
declare module "#kernels-text" {
  export const plain: string;
  /** The byte that each printable character stands for, from the space on. */
  export const printable: string;
  export const relaxedDelta: string;
}
