/**
 * Convolutional networks on WebAssembly SIMD: load an ONNX model, run it. The names are those of onnxruntime-common.
 *
 * `lanewise/all` has the same names. In browsers it adds the operators and dtypes beyond vision that `docs/operators.md`
 * marks with `all`; in Node both entries have everything.
 *
 * @module lanewise
 */
export * from "../../src/index.ts";
// The class itself: the entry's constant has its type, which says less to readers.
export { InferenceSession } from "../../src/session.ts";
